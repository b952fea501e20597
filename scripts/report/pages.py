# SPDX-License-Identifier: GPL-2.0
"""Pages in Documentation/: prose, and between marks what is made of figures.

  <!-- figures: NAME -->
  ...
  <!-- end of figures -->

BLOCKS has the function behind each name. The figures of a page are kept beside
it, in Documentation/figures/PAGE.tsv (the format of results.tsv), so that anybody
can make the page again; a suite that has run since takes the place of its rows
there. Under each block stands which series it is of, and when it was measured.
"""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import readers  # noqa: E402
import results  # noqa: E402
import tables  # noqa: E402

DOCS = os.path.join(results.TOP, 'Documentation')
MARK = re.compile(r'(<!-- figures: ([a-z0-9.-]+) -->\n).*?(<!-- end of figures -->\n)', re.S)
SIDES = ('bench-stock', 'bench-series')
COST = ('insns', 'insns_min', 'insns_max', 'xen', 'kernel', 'traps', 'hypercalls', 'pages', 'status', 'note')
SUITE = ('verdict', 'found', 'time')


class Block:
    """A function from rows to text and the suites it is of, and the rows it needs: of one
    version of Xen, if said."""

    def __init__(self, make, suites, metrics, title='', xen=''):
        self.make, self.suites, self.metrics, self.title, self.xen = make, re.compile(suites), metrics, title, xen

    def wants(self, row):
        return self.suites.fullmatch(row['suite']) and (not self.xen or row['hypervisor'].startswith(f'Xen {self.xen}')) and (
            row['metric'] in self.metrics or 'function' in self.metrics and row['metric'].startswith('function')
        )


def plain(make):
    """A table as it is, without remarks."""

    def block(rows):
        t = make(rows)
        return t.markdown(), t.suites

    return block


def without_remarks(t):
    """Drops the last column of a table, which is for a terminal."""
    t.columns.pop()
    t.left.pop()
    for row in t.rows:
        row.pop()


def each(make):
    """A table with a line a suite, which may be of different runs: each says of which."""

    def block(rows):
        t = make(rows)
        t.state_series(rows)
        return t.markdown(), {s: rows.info[s]['series'] for s in t.suites}

    return block


# ---- results.md


def head(rows):
    rows.need(*SIDES)
    t = tables.Table(['', 'stock<', 'series<'])
    for metric in ('kernel', 'hypervisor', 'cpus', 'unit', 'pages'):
        t.add(metric, *(rows.get(s, '-', metric) for s in SIDES))
    cost = tables.bench(rows)
    lost = [p for p in readers.paths() if not any(row[0] == p for row in cost.rows)]
    if lost:
        raise results.Refused(
            results.NORESULT, f'paths were not measured ({" ".join(lost)}); run: make bench, without ARGS'
        )
    for suite in SIDES:
        repeats = re.search(r'repeats: (\d+)', rows.get(suite, '-', 'pages') or '')
        if repeats and int(repeats[1]) < 5:
            raise results.Refused(
                results.NORESULT, f'{suite} has {repeats[1]} repeats, a page has 5; run: make bench, without ARGS'
            )
    spread, where = tables.worst_spread(rows, SIDES)
    said = cost.summary[-1]
    return (
        f'{t.markdown()}\n{said[0].upper()}{said[1:]}.\nLargest distance of a repeat from the median: {spread:.1f} % ({where}).\n',
        SIDES,
    )


def measured(rows):
    return [p for p in rows.subjects(SIDES, ['insns'])]


def cost(rows):
    t = tables.bench(rows)
    without_remarks(t)
    t.rows = [row for row in t.rows if row[1] != '-' or row[2] != '-']
    return t.markdown(), SIDES


def goals(rows):
    t = tables.Table(['path', 'stock', 'set out for', 'goal now', 'series'])
    for path, (brief, now) in tables.goals().items():
        a, b = (tables.fmt(rows.num(s, path, 'insns'), '.0f') for s in SIDES)
        t.add(path, a, brief, now, b)
    return t.markdown(), SIDES


RUN = ('run_hypercalls', 'run_mmu_update', 'run_mmuext_op', 'run_update_va', 'run_subcalls')


def calls(rows):
    t = tables.Table(
        ['path', 'pages', 'hypercalls', 'mmu_update', 'mmuext_op', 'update_va_mapping', 'of these in multicalls']
    )
    for path in tables.goals():
        if rows.get('bench-series', path, RUN[0]):
            t.add(path, rows.get('bench-series', path, 'pages'), *(rows.get('bench-series', path, m) for m in RUN))
    return t.markdown(), ['bench-series']


def spent(rows):
    t = tables.Table(
        [
            'path',
            'hypervisor: stock',
            'hypervisor: series',
            'kernel: stock',
            'kernel: series',
            'min to max: stock',
            'min to max: series',
        ]
    )
    for p in measured(rows):
        t.add(
            p,
            *(tables.fmt(rows.num(s, p, m), '.0f') for m in ('xen', 'kernel') for s in SIDES),
            *(' to '.join(tables.fmt(rows.num(s, p, m), '.0f') for m in ('insns_min', 'insns_max')) for s in SIDES),
        )
    return t.markdown(), SIDES


def path_list(rows):
    t = tables.Table(['path', 'pages', 'one page of it<'])
    what = readers.paths()
    for p in rows.subjects(SIDES, ['insns', 'status']):
        t.add(
            p,
            next((rows.get(s, p, 'pages') for s in reversed(SIDES) if rows.get(s, p, 'pages')), '-'),
            what.get(p, '-'),
        )
    return t.markdown(), SIDES


def skipped(rows):
    t = tables.Table(['path', 'outcome<'])
    for p in rows.subjects(SIDES, ['note']):
        t.add(p, '; '.join(dict.fromkeys(rows.get(s, p, 'note') for s in SIDES if rows.get(s, p, 'note'))))
    return (t.markdown() if t.rows else 'None.\n'), SIDES


def native(rows):
    plain_rows = tables.native_variants(rows.all).get('') or rows
    rows.info = plain_rows.info
    t = tables.native(plain_rows)
    without_remarks(t)
    for row in t.rows:
        if row[5] != '-' and float(row[5]) > 1.02 and not row[0].startswith('text'):
            row[5] = f'**{row[5]}**'
    return t.markdown(), tables.NATIVE


def variants(rows):
    t = tables.Table(
        [
            'kernels',
            'paths',
            'largest series / no pvops<',
            'largest series / stock<',
            'text: series - stock',
            'series<',
            'date<',
        ]
    )
    for variant, mine in tables.native_variants(rows.all).items():

        def held(metric, mine=mine):  # of a page that held no more than these
            return mine.get('native-series', 'summary', metric)

        hash_, dates = mine.ran_on([s for s in tables.NATIVE if s in mine.info])
        if held('paths'):
            cells = [
                held('paths'),
                *(f'{held(k + "_ratio")} ({held(k + "_path")})' for k in ('nopvops', 'stock')),
                held('text'),
            ]
        else:
            ratios, (a, b, _) = tables.native_ratios(mine), tables.native_text(mine)
            most = [
                max((now / r[base], path) for path, r in ratios.items() for now in [r[1]] if now and r[base])
                for base in (2, 0)
            ]
            cells = [
                len(ratios),
                *(f'{ratio:.3f} ({path})' for ratio, path in most),
                f'{b - a:+.0f}' if a and b else '-',
            ]
        t.add(variant or 'plain', *cells, hash_, dates[-1])
    return t.markdown(), []


# ---- the others


def functions(suite, subjects):
    """Where instructions go: functions of one side."""

    def block(rows):
        text = []
        for subject in subjects:
            t = tables.Table(['function', 'where<', 'instructions a page', 'share', 'sum'])
            whole = rows.num(suite, subject, 'profile_insns') or rows.num(suite, subject, 'insns') or 0
            pages = rows.num(suite, subject, 'pages')
            mine = [
                r
                for r in rows.rows
                if r['suite'] == suite and r['subject'] == subject and r['metric'].startswith('function ')
            ]
            if suite.startswith('migrate') and pages and not rows.get(suite, subject, 'profile_insns'):
                whole /= pages
            so_far = 0
            for row in mine:
                so_far += float(row['value'])
                t.add(
                    '`' + row['metric'][len('function ') :] + '`',
                    row['unit'].rpartition(', ')[2],
                    row['value'],
                    *(f'{v * 100 / whole:.1f} %' if whole else '-' for v in (float(row['value']), so_far)),
                )
            more = int(rows.get(suite, subject, 'functions') or len(mine)) - len(mine)
            text.append(
                f'`{subject}`: {whole:.0f} instructions a page, {len(mine)} functions with most; {more} more have the rest.\n\n{t.markdown()}'
            )
        return '\n'.join(text), [suite]

    return block


def left(rows):
    """What is left of a checkpoint."""
    rows.need(*tables.MIGRATE)

    def both(metric, form='{:.0f}', by=1):
        return [form.format((rows.num(s, 'checkpoint-null', metric) or 0) / by) for s in tables.MIGRATE]

    update = both('mmu_update')
    parts = ', '.join(
        f'{name} {a} and {b}'
        for name, (a, b) in (
            (n, both(m, '{:.1f}', 1e6))
            for n, m in (('hypervisor', 'xen'), ('kernel', 'kernel'), ('programs', 'user'))
        )
    )
    return (
        f'`xl save -c` to /dev/null makes {update[0]} calls of `mmu_update` on stock and {update[1]} on the series; on stock '
        f'{both("traps")[0]} writes are emulated besides.\nIn millions of instructions, stock and series: {parts}.\n',
        tables.MIGRATE,
    )


def foreign(rows):
    t = tables.foreign(rows)
    return t.markdown(), t.suites


def of_suites(pattern, columns=(), found=True):
    return each(lambda rows: tables.suites(rows, pattern, columns, found))


def booted(rows):
    """Each kernel, hypervisor and machine that the kselftests have passed on."""
    t = tables.Table(['kernel', 'hypervisor<', 'as<', 'machine<', 'kselftests<', 'series<', 'date<'])
    seen = {}
    for row in rows.all:
        if row['subject'] == '-':
            seen.setdefault((row['kernel'], row['hypervisor'], row['machine'], row['suite']), {})[row['metric']] = row
    for (kernel, xen, machine, suite), got in seen.items():
        if got.get('verdict', {}).get('value') != 'PASS' or 'found' not in got:
            continue
        as_ = 'PV guest of a PV dom0' if suite == 'domu' else 'PV dom0' if xen != 'none' else 'without Xen'
        t.add(
            kernel.replace('-series', ''),
            xen,
            as_,
            machine,
            got['found']['value'],
            got['found']['series'],
            got['found']['date'],
        )
    if not t.rows:
        raise results.Refused(results.NORESULT, 'the kselftests have passed nowhere; run: make suite G=kselftest')
    return t.markdown(), []


# ---- hypervisor.md: each version of Xen that a suite has run with

VERSION = re.compile(r'\bXen (\d+\.\d+)')


def by_xen(rows):
    """Rows of each version of Xen, in order: [(version, Rows)]."""
    versions = {}
    for row in rows.all:
        found = VERSION.match(row['hypervisor'])
        if found:
            versions.setdefault(found[1], []).append(row)
    if not versions:
        raise results.Refused(results.NORESULT, 'no rows; run: make suite G="arm mem-paging"')
    return [(v, tables.Rows(versions[v])) for v in sorted(versions, key=lambda v: [int(n) for n in v.split('.')])]


def of_xen(columns, lines):
    """A table with the version in front: lines(rows, suite) gives the rest of each line."""

    def block(rows):
        t, infos = tables.Table(['Xen', *columns]), {}
        for version, mine in by_xen(rows):
            for suite in mine.info:
                for cells in lines(mine, suite):
                    t.add(version, *cells)
                    infos[mine.info[suite]['hypervisor'], mine.info[suite]['machine'], mine.info[suite]['date']] = 1
        if not t.rows:
            raise results.Refused(results.NORESULT, 'no rows; run: make suite G="arm mem-paging"')
        ran = [sorted({i[k] for i in infos} - {'-'}) for k in range(3)]
        return t.markdown() + '\n' + '; '.join(', '.join(r) for r in ran if r) + '.\n', []

    return block


ARM = r'arm-set-way-\d[\d.]*'
SET_WAY = tuple(f'{w} {m}' for m in ('flushed', 'faults', 'xen') for w in ('stock', 'series'))


def set_way(rows, suite):
    for subject in rows.subjects([suite], ['stock flushed']):
        # a second cycle is the same but where tracking begins with the first
        if not subject.endswith(', again') or 'auto' in subject:
            yield subject, *(rows.get(suite, subject, m) for m in SET_WAY)


def set_way_linux(rows, suite):
    for subject in rows.subjects([suite], ['stock']):
        yield subject.partition(': ')[2], *(rows.get(suite, subject, m) for m in ('stock', 'series'))


def set_way_rounds(rows, suite):
    for subject in rows.subjects([suite], ['rounds']):
        yield subject.partition(': ')[2], *(rows.get(suite, subject, m) for m in ('rounds', 'expected', 'flushed'))


RUNS = ('512 MiB', 'again', '1536 MiB, again')


def set_way_patches(rows, suite):
    for subject in rows.subjects([suite], [f'{RUNS[0]}: flushed']):
        yield (
            int(subject.split()[1][:4]),
            *((rows.get(suite, subject, f'{r}: flushed') or '-').replace(' ', ', ') for r in RUNS),
            (rows.get(suite, subject, f'{RUNS[1]}: xen') or '-').replace(' ', ', '),
        )


def set_way_mutants(rows, suite):
    for subject in rows.subjects([suite], ['what']):
        yield (
            subject.partition(' ')[2],
            rows.get(suite, subject, 'what'),
            rows.get(suite, subject, 'noticed').partition(';')[0],
        )


def set_way_parts(rows, suite):
    for subject in rows.subjects([suite], ['checks']):
        yield subject, rows.get(suite, subject, 'checks')


def mem_paging(rows, suite):
    for way in rows.subjects([suite], ['insns']):
        yield (
            way,
            rows.get(suite, way, 'pages'),
            *(tables.fmt(rows.num(suite, way, m), '.0f') for m in ('insns', 'xen')),
            tables.fmt(rows.num(suite, way, 'hypercalls'), '.4f'),
        )


def ended(rows, suite):
    if rows.get(suite, '-', 'verdict'):
        yield suite, *(rows.get(suite, '-', m) for m in ('verdict', 'found'))
def fast_cost(rows):
    """Both kernels, without and with the series of Xen."""
    pairs = [(base, suite) for suite, (_, base) in tables.ON_FAST.items()]
    rows.need(*(s for pair in pairs for s in pair))
    t = tables.Table(
        ['path', *(f'{b[len("bench-") :]}: {n}' for b, _ in pairs for n in ('Xen of Debian', 'with its series', 'change')), 'goal']
    )
    goals = tables.goals_of('xen-brief')
    for path in rows.subjects(pairs[0], ['insns']):
        cells = []
        for pair in pairs:
            a, b = (rows.num(s, path, 'insns') for s in pair)
            cells += [tables.fmt(a, '.0f'), tables.fmt(b, '.0f'), tables.change(a, b)]
        t.add(path, *cells, goals.get(path, ('-',))[0])
    return t.markdown(), [s for pair in pairs for s in pair]


BENCH = 'bench-(stock|series)'
FAST = 'bench-(stock|series|fast|stock-fast)'
WAITS = [('times', '-', 'times'), ('longest, us', '-', 'longest'), ('mean, us', '-', 'mean')]
UPDATES = 'mmu-update-.*|kselftest-fast.*|(shadow|domu|races)-fast'
PROFILED = ('function', 'insns', 'pages', 'profile_insns')

REPORTS = '(churn|cycle|live|balloon|disk|mglru|tables|grants)(-.*)?'
KERNELS = '(debug-.*|(preempt|kfence|shadow)(-stock)?)'

UPDATES_PAGE = {
    'cost': (fast_cost, FAST, ('insns',)),
    'update': (plain(tables.per_update), FAST, ('xen', 'locked', 'serial')),
    'foreign': (plain(tables.foreign_fast), 'foreign-(series|fast)', ('insns',)),
    'checkpoint': (plain(tables.migrate_fast), 'migrate-(series|fast)', ('insns',)),
    'waits': (of_suites('latency-.*', WAITS, found=False), 'latency-.*', SUITE + tuple(c[2] for c in WAITS)),
    'tests': (of_suites(UPDATES), UPDATES, SUITE),
    'mutants': (each(tables.xen_mutants), 'xen-mutant-.*', SUITE + ('caught',)),
}

# page: {block: (what makes it, suites it is of, metrics)}
PAGES = {
    'results': {
        'head': Block(head, BENCH, COST + ('kernel', 'hypervisor', 'cpus', 'unit', 'pages')),
        'cost': Block(cost, BENCH, COST),
        'goals': Block(goals, BENCH, COST),
        'calls': Block(calls, BENCH, RUN + ('pages',)),
        'spent': Block(spent, BENCH, COST),
        'paths': Block(path_list, BENCH, COST),
        'skipped': Block(skipped, BENCH, COST),
        'native': Block(native, 'native-.*', ('insns_min', 'text')),
        'variants': Block(
            variants,
            'native-.*',
            ('insns_min', 'text', 'paths', 'nopvops_ratio', 'nopvops_path', 'stock_ratio', 'stock_path'),
        ),
    },
    'linux-7.3': {
        'cost': Block(plain(tables.bench), 'bench-(stock|series)|part-fixes', COST),
        'parts': Block(plain(tables.parts), 'bench-stock|part-(?!kselftest).*', COST),
        'native': Block(native, 'native-.*', ('insns_min', 'text')),
        'suites': Block(of_suites('(part-)?kselftest-.*'), '(part-)?kselftest-.*', SUITE),
    },
    'foreign': {
        'foreign': Block(foreign, 'foreign-(stock|poc|series)', COST),
        'functions': Block(functions('foreign-series', ('ro unmap 32', 'ro map 32')), 'foreign-series', PROFILED),
    },
    'migrate': {
        'steps': Block(plain(tables.migrate), 'migrate-(stock|series)', ('insns', 'traps', 'hypercalls')),
        'left': Block(left, 'migrate-(stock|series)', ('mmu_update', 'traps', 'xen', 'kernel', 'user')),
        'functions': Block(functions('migrate-series', ('checkpoint-null',)), 'migrate-series', PROFILED),
    },
    'reliability': {
        'model': Block(plain(tables.model), 'model', ('states', 'result')),
        'races': Block(
            of_suites('races-[0-9]+', tables.LOST, found=False),
            'races-[0-9]+',
            SUITE + tuple(c[2] for c in tables.LOST),
        ),
        'faults': Block(of_suites('fault-.*'), 'fault-.*', SUITE),
        'mutants': Block(each(tables.mutants), 'mutant-.*', SUITE + ('caught',)),
        'debug': Block(of_suites(KERNELS), KERNELS, SUITE),
        'xen-debug': Block(
            of_suites('xen-debug.*', tables.COUNTS), 'xen-debug.*', SUITE + tuple(c[2] for c in tables.COUNTS)
        ),
        'domu': Block(plain(tables.domu), 'domu', ('passed', 'failed', 'skipped')),
        'mm': Block(plain(tables.mm), 'mm(-.*)?', ('test', 'passed', 'cases', 'verdict')),
        'stress': Block(plain(tables.stress), 'stress', ('test', 'operations', 'seconds')),
        'reports': Block(of_suites(REPORTS), REPORTS, SUITE),
        'irqsoff': Block(plain(tables.irqsoff), 'irqsoff-.*', ('irqsoff', 'irqsoff_at')),
    },
    'xen-updates': {
        name + suffix: Block(make, suites, metrics, xen=version)
        for version, suffix, names in (('4.17', '', UPDATES_PAGE), ('4.20', '-4.20', ('cost', 'waits', 'foreign', 'checkpoint', 'tests')))
        for name, (make, suites, metrics) in UPDATES_PAGE.items()
        if name in names
    },
    'compatibility': {'booted': Block(booted, 'kselftest-(xen|bare)|domu', SUITE)},
    'hypervisor': {
        'mem-paging': Block(
            of_xen(['way<', 'pages', 'all', "Xen's", 'hypercalls'], mem_paging),
            'mem-paging(-long)?',
            ('pages', 'insns', 'xen', 'hypercalls'),
        ),
        'mem-paging-suites': Block(of_xen(['suite<', 'verdict<', 'found<'], ended), 'mem-paging.*', SUITE),
        'set-way': Block(
            of_xen(
                [
                    'guest, event<',
                    'pages flushed: stock',
                    'series',
                    'faults after it: stock',
                    'series',
                    "Xen's instructions: stock",
                    'series',
                ],
                set_way,
            ),
            ARM,
            SET_WAY,
        ),
        'set-way-linux': Block(of_xen(['32-bit Linux<', 'stock', 'series'], set_way_linux), ARM, ('stock', 'series')),
        'set-way-rounds': Block(
            of_xen(['processor<', 'rounds', 'pages to flush', 'flushed'], set_way_rounds),
            ARM,
            ('rounds', 'expected', 'flushed'),
        ),
        'set-way-patches': Block(
            of_xen(['patches', *(f'flushed: {r}' for r in RUNS), "Xen's instructions: again"], set_way_patches),
            ARM,
            tuple(f'{r}: {m}' for r in RUNS for m in ('flushed', 'xen')),
        ),
        'set-way-mutants': Block(
            of_xen(['mutant<', 'what is broken<', 'noticed by<'], set_way_mutants), ARM, ('what', 'noticed')
        ),
        'set-way-parts': Block(of_xen(['part of the check<', 'checks<'], set_way_parts), ARM, ('checks',)),
    },
}


def figures_of(page):
    return os.path.join(DOCS, 'figures', page + '.tsv')


def summed_up(fresh):
    """The four suites of mm selftests compared: thousands of cases are too much for
    a page, so it keeps the counts and the verdict of each program."""
    rows = tables.Rows(fresh)
    others = [row for row in fresh if not row['suite'].startswith('mm-')]
    if not all(suite in rows.info for suite in tables.MM):
        return others  # not of use without the others
    made = []
    for program, *cells, verdict in tables.mm(rows).rows:
        for suite, cell in zip(tables.MM, cells):
            outcome, _, counts = cell.partition(' ')
            kept = [('test', outcome)]
            kept += zip(('passed', 'cases'), counts.split('/')) if counts else []
            made += [{**rows.info[suite], 'subject': program, 'metric': m, 'value': v} for m, v in kept]
        made.append(
            {**rows.info[tables.MM[1]], 'suite': 'mm', 'subject': program, 'metric': 'verdict', 'value': verdict}
        )
    return others + made


def gather(page, fresh):
    """Figures of a page: those it has, and of each suite that has run since, its own."""
    ended = {row['suite']: row['value'] for row in fresh if row['subject'] == '-' and row['metric'] == 'verdict'}
    # of a suite that broke the verdict is new, figures are those of an earlier run
    fresh = [row for row in fresh if row['metric'] in SUITE or ended.get(row['suite']) in tables.WHOLE]
    if page == 'reliability':
        fresh = summed_up(fresh)
    blocks = PAGES[page].values()
    old = results.load(figures_of(page), missing_ok=True)
    new = [row for row in fresh if any(b.wants(row) for b in blocks)]
    if page == 'compatibility':  # all that were ever booted
        keys = {results.key_of(row) for row in new}
        return [row for row in old if results.key_of(row) not in keys] + new
    # native suites: the kernels of a variant are measured together
    key = (
        (lambda row: (row['suite'], tables.variant_of(row['kernel'])))
        if page == 'results'
        else (lambda row: (row['suite'], (VERSION.match(row['hypervisor']) or [''])[0]))
        if page in ('hypervisor', 'xen-updates')
        else (lambda row: row['suite'])
    )
    # the last run of a suite only
    last = {key(row): row for row in new}
    new = [row for row in new if all(row[k] == last[key(row)][k] for k in ('kernel', 'hypervisor', 'series'))]
    return [row for row in old if key(row) not in last] + new


def stated(hash_, dates, info):
    text = f'Series {hash_}'
    text += ', ' + (dates[0] if len(dates) == 1 else f'{dates[0]} to {dates[-1]}')
    machines = sorted({i['machine'] for i in info if i['machine'] != '-'})
    xens = sorted({i['hypervisor'] for i in info if i['hypervisor'] not in ('-', 'none')})
    return text + ''.join('; ' + ', '.join(w) for w in (xens, machines) if w) + '.'


def render(page, rows_list, mixed=False):
    """The page anew. Returns its text and the series of its blocks."""
    path = os.path.join(DOCS, page + '.md')
    text = '\n'.join(results.lines_of(path, 'it belongs to the repository')) + '\n'
    names = [m[1] for m in MARK.findall(text)]
    unknown = [n for n in names if n not in PAGES[page]]
    if unknown or set(PAGES[page]) - set(names):
        raise results.Refused(
            results.ERROR,
            f'{results.short(path)}: the blocks are {" ".join(PAGES[page])}, each once, not {" ".join(names)}',
        )
    of = {}

    def fill(match):
        block = PAGES[page][match[2]]
        rows = tables.Rows([row for row in rows_list if block.wants(row)])
        rows.all = [row for row in rows_list if block.wants(row)]
        try:
            body, suites = block.make(rows)
            if isinstance(suites, dict):
                of.update({f'{match[2]} ({suite})': h for suite, h in suites.items() if h != '-'})
            elif suites:
                hash_, dates = rows.ran_on(suites)
                if hash_ != '-':
                    of[match[2]] = hash_
                body += '\n' + stated(hash_, dates, [rows.info[s] for s in suites if s in rows.info]) + '\n'
        except results.Refused as e:
            if e.status != results.NORESULT or page not in ('reliability', 'hypervisor', 'xen-updates', 'linux-7.3'):
                raise
            body = f'Not measured: {e}.\n'
        return f'{match[1]}{body}{match[3]}'

    text = MARK.sub(fill, text)
    if len(set(of.values())) > 1 and not mixed:
        blocks = {h: dict.fromkeys(b.split(' ')[0] for b in of if of[b] == h) for h in of.values()}
        per = '; '.join(f'{h}: {" ".join(names)}' for h, names in blocks.items())
        raise results.Refused(
            results.OTHER,
            f'{page}.md would mix series ({per}); run again what is older, or say --mixed: each table states its own',
        )
    return text, of


def write(page, fresh, mixed=False):
    """Brings the figures of a page up to date, and the page."""
    rows = gather(page, fresh)
    text, of = render(page, rows, mixed)
    os.makedirs(os.path.dirname(figures_of(page)), exist_ok=True)
    results.replace_file(figures_of(page), results.to_tsv(rows))
    results.replace_file(os.path.join(DOCS, page + '.md'), text)
    return of


def gone(page):
    """Names that a page publishes figures of and that do not exist any more."""
    names, paths = set(), readers.paths()
    for row in results.load(figures_of(page)):
        suite, subject = row['suite'], row['subject']
        if suite.startswith(('bench-', 'native-')) and subject not in paths and subject not in ('-', 'summary'):
            names.add(f'path {subject}')
        for prefix, folder in tables.MUTANTS.values():
            if suite.startswith(prefix) and not os.path.exists(os.path.join(folder, suite[len(prefix) :] + '.sed')):
                names.add(suite)
    return sorted(names)


def stale(page):
    """Is the page what its figures make? The first line that is not, or None."""
    text, _ = render(page, results.load(figures_of(page)), mixed=True)
    have = results.lines_of(os.path.join(DOCS, page + '.md'), 'it belongs to the repository')
    for number, (a, b) in enumerate(zip(have, text.splitlines()), 1):
        if a != b:
            return number
    return None if len(have) == len(text.splitlines()) else min(len(have), len(text.splitlines())) + 1
