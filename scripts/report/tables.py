# SPDX-License-Identifier: GPL-2.0
"""Tables and comparisons over rows of results.tsv.

Each function in TABLES takes a Rows and returns a Table: text() for a terminal,
markdown() for a page; verdict is 0, or 1 if a comparison found something worse.
"""

import functools
import glob
import os
import re
import statistics
import sys
import textwrap

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import readers  # noqa: E402
import results  # noqa: E402

# of the series for KVER; one that is not complete yet has none
GOALS = os.path.join(results.TOP, f'patches/linux-{results.KVER}/goals.tsv')
# Mutants: what their suites begin with, and where they are.
MUTANTS = {
    'mutants': ('mutant-', os.path.join(results.TOP, 'tools-testing/checks/mutants')),
    'xen-mutants': ('xen-mutant-', os.path.join(results.TOP, 'tools-testing/checks/mmu-update/mutants')),
}


# Verdicts of a suite that came to its end, None where a page keeps none.
WHOLE = (None, 'PASS', 'FAIL', 'SKIP')


class Rows:
    """Rows by suite, subject and metric. Of each suite only those of its last run
    count: the kernel, hypervisor and series of its last row."""

    def __init__(self, rows, keep=lambda row: True):
        last, self.left_out = {}, 0
        rows = [row for row in rows if keep(row)]
        for row in rows:
            last[row['suite']] = row
        self.rows, self.info, self._at = [], last, {}
        for row in rows:
            here = last[row['suite']]
            if all(row[k] == here[k] for k in ('kernel', 'hypervisor', 'series')):
                self.rows.append(row)
                self._at[row['suite'], row['subject'], row['metric']] = row['value']
            elif row['kernel'] == here['kernel'] and row['hypervisor'] == here['hypervisor']:
                self.left_out += 1

    def get(self, suite, subject, metric):
        return self._at.get((suite, subject, metric))

    def num(self, suite, subject, metric):
        try:
            return float(self.get(suite, subject, metric))
        except (TypeError, ValueError):
            return None

    def suites(self, pattern='.*', metric=None):
        """Suites whose whole name matches, in the order of their first rows."""
        return list(
            dict.fromkeys(
                row['suite']
                for row in self.rows
                if metric in (None, row['metric']) and re.fullmatch(pattern, row['suite'])
            )
        )

    def subjects(self, suites, metrics):
        return list(
            dict.fromkeys(row['subject'] for row in self.rows if row['suite'] in suites and row['metric'] in metrics)
        )

    def need(self, *suites):
        """Refuses what did not run, and figures that an earlier run has left."""
        for suite in suites:
            again = f'run: make suite S="{" ".join(suites)}"'
            if suite not in self.info:
                raise results.Refused(results.NORESULT, f'no rows of {suite} in results.tsv; {again}')
            verdict = self.get(suite, '-', 'verdict')
            if verdict not in WHOLE:
                raise results.Refused(results.NORESULT, f'{suite} ended with {verdict}, not with figures; {again}')

    def ran_on(self, suites):
        """Where the figures of a table are from; refuses two series in one."""
        infos = [self.info[s] for s in suites if s in self.info]
        hashes = {i['series'] for i in infos} - {'-'}
        if len(hashes) > 1:
            each = ', '.join(f'{s} {self.info[s]["series"]}' for s in suites if self.info[s]['series'] != '-')
            raise results.Refused(
                results.OTHER,
                f'rows of different series in one table ({each}); ' f'run: make suite S="{" ".join(suites)}"',
            )
        return hashes.pop() if hashes else '-', sorted({i['date'] for i in infos})


class Table:
    """columns: names, "group: name" under a heading that several share; the last
    may be "", for remarks. A "<" at the end of a name aligns to the left."""

    def __init__(self, columns, suites=()):
        self.columns = [c.rstrip('<') for c in columns]
        self.left = [i == 0 or c.endswith('<') or not c for i, c in enumerate(columns)]
        self.rows, self.bad, self.summary, self.suites = [], [], [], list(suites)
        self.broken = self.is_list = False

    def state_series(self, rows):
        """Of a list of suites: each says of which run it is."""
        self.columns += ['series', 'date']
        self.left += [True, True]
        self.rows = [row + [rows.info[s]['series'], rows.info[s]['date']] for row, s in zip(self.rows, self.suites)]

    @property
    def verdict(self):
        return 1 if self.bad or self.broken else 0

    def add(self, *cells):
        self.rows.append(['-' if c is None else str(c) for c in cells])

    def text(self):
        names = [c.split(': ')[-1] for c in self.columns]
        groups = [c.split(': ')[0] if ': ' in c else '' for c in self.columns]
        width = [
            max(map(len, [name] + [row[i] for row in self.rows if i < len(row)])) for i, name in enumerate(names)
        ]
        # a heading over several columns is as wide as these
        spans = [i for i, g in enumerate(groups) if g and (i == 0 or groups[i - 1] != g)]
        for i in spans:
            end = i
            while end + 1 < len(groups) and groups[end + 1] == groups[i]:
                end += 1
            width[i] += max(0, len(groups[i]) - sum(width[i : end + 1]) - 2 * (end - i))
        lines = []
        if spans:
            line = ''
            for i, g in enumerate(groups):
                if i in spans:
                    line = line.ljust(sum(width[:i]) + 2 * i) + g
            lines.append(line.rstrip())
        for cells in [names] + self.rows:
            lines.append(
                '  '.join(c.ljust(w) if left else c.rjust(w) for c, w, left in zip(cells, width, self.left)).rstrip()
            )
        lines += ['FAIL  ' + b for b in self.bad] + self.summary
        return '\n'.join(lines) + '\n'

    def markdown(self):
        names, before = [], ''
        for c in self.columns:
            group, _, name = c.rpartition(': ')
            names.append(f'{group}, {name}' if group and group != before else name)
            before = group
        lines = [
            '| ' + ' | '.join(names).lstrip() + ' |',
            '|' + '|'.join('---' if left else '--:' for left in self.left) + '|',
        ]
        for row in self.rows:
            lines.append('| ' + ' | '.join(c.replace('|', '\\|') for c in row) + ' |')
        return '\n'.join(lines) + '\n'


def fmt(value, form):
    return '-' if value is None else format(value, form)


def change(a, b):
    if a is None or b is None:
        return '-'
    if a == 0:
        return '0.0 %' if b == 0 else 'new'
    percent = (b - a) * 100 / a
    return '0.0 %' if abs(percent) < 0.05 else f'{percent:+.1f} %'


def listed(words):
    return ', '.join(words) or 'none'


def goals_of(*columns):
    """path: its numbers in these columns of goals.tsv, where it has them"""
    names, found = None, {}
    if not os.path.exists(GOALS):
        return found
    for line in results.lines_of(GOALS, 'it belongs to the repository'):
        cells = line.split('\t')
        if line.startswith('#'):
            continue
        if names is None:
            names = cells
            continue
        values = [dict(zip(names, cells))[c] for c in columns]
        if all(v.isdigit() for v in values):
            found[cells[0]] = tuple(map(int, values))
    return found


def goals():
    """path: (where the project set out to get, what must be kept now)"""
    return goals_of('brief', 'now')


# ---- cost


# Suites on a Xen with its series: the heading, and what they are held against.
ON_FAST = {'bench-fast': ('series + Xen', 'bench-series'), 'bench-stock-fast': ('stock + Xen', 'bench-stock')}


def bench_suites(rows):
    """stock, others, a sub-series of fixes, series; and the series on a Xen that has one, too"""
    rows.need('bench-stock', 'bench-series')
    fixed = ('bench-stock', 'bench-series', *ON_FAST)
    others = [s for s in rows.suites(r'bench-.*|part-fixes', 'insns') if s not in fixed]
    return ['bench-stock', *others, 'bench-series', *(s for s in ON_FAST if s in rows.suites(metric='insns'))]


def worst_spread(rows, suites):
    """The largest distance of a repeat from the median, in per cent: (it, path)."""
    most = (0.0, '')
    for suite in suites:
        for path in rows.subjects([suite], ['insns']):
            mid, lo, hi = (rows.num(suite, path, m) for m in ('insns', 'insns_min', 'insns_max'))
            if mid and lo is not None and hi is not None:
                most = max(most, (max(hi - mid, mid - lo) * 100 / mid, path), key=lambda x: x[0])
    return most


def more_of_xen(rows, path, suite, otherwise):
    """What Xen itself executes more for a page. The kernel is the same, and its own share, of
    page-idle for one, differs by more than one per cent between two boots on the same Xen."""
    shares = [rows.num(s, path, 'xen') for s in (suite, ON_FAST[suite][1])]
    return otherwise if None in shares else shares[0] - shares[1]


def bench(rows):
    """Instructions, trapped writes and hypercalls a page under Xen: stock and series."""
    suites = bench_suites(rows)
    names = [ON_FAST[s][0] if s in ON_FAST else s.partition('-')[2] for s in suites]
    at = suites.index('bench-series')
    table = Table(
        [
            'path',
            *(f'instructions a page: {n}' for n in names),
            'instructions a page: change',
            *(f'traps: {n}' for n in names),
            *(f'hypercalls: {n}' for n in names),
            '',
        ],
        suites,
    )
    must, changes, clean, counted, before, worse = goals(), [], 0, 0, 0, []
    kept = goals_of('xen-now')
    for path in rows.subjects(suites, ['insns', 'status']):
        insns, traps, calls = ([rows.num(s, path, m) for s in suites] for m in ('insns', 'traps', 'hypercalls'))
        a, b = insns[0], insns[at]
        notes = [rows.get(s, path, 'note') for s in suites if rows.get(s, path, 'note')]
        table.add(
            path,
            *(fmt(v, '.0f') for v in insns),
            change(a, b),
            *(fmt(v, '.3f') for v in traps),
            *(fmt(v, '.4f') for v in calls),
            notes[0] if notes else '',
        )
        if traps[at] is not None:
            counted += 1
            clean += traps[at] == 0
            before += traps[0] is not None and traps[0] < 0.01
            if any(t for s, t in zip(suites, traps) if s in ('bench-series', 'bench-fast')):
                table.bad.append(f'{path}: traps on the series kernel')
        if a is not None and b is None:
            table.bad.append(f'{path}: measured on stock, but not on the series')
        if a and b is not None:
            changes.append((b - a) * 100 / a)
            if b > a * 1.01:
                worse.append(path)
                table.bad.append(f'{path}: worse than stock')
        # repeats differ where compaction chooses; the goals are for this size
        if (
            path in must
            and b is not None
            and rows.get('bench-series', path, 'pages') == '2048'
            and b > must[path][1] * 1.03
        ):
            table.bad.append(f'{path}: {b:.0f} instructions a page, the goal is {must[path][1]}')
        for suite, c in zip(suites, insns):
            than = insns[suites.index(ON_FAST[suite][1])] if suite in ON_FAST else None
            if than and c and more_of_xen(rows, path, suite, c - than) > than * 0.01:
                table.bad.append(f'{path}: {c:.0f} in {suite}, worse than {than:.0f} without the series of Xen')
            # goals are what Xen 4.17 costs; another version has other costs around an update
            of_goals = rows.info[suite]['hypervisor'].startswith('Xen 4.17')
            if suite == 'bench-fast' and path in kept and c and c > kept[path][0] * (1.03 if of_goals else 1.1):
                table.bad.append(f'{path}: {c:.0f} with the series of Xen, the goal is {kept[path][0]}')
    if not changes:
        table.bad.append('no path was measured on both kernels')
        return table
    table.summary = [
        '',
        readers.count(len(changes), 'path')
        + f', median change {statistics.median(changes):+.1f} %; '
        + (f'{clean} of {counted} at 0 trapped writes (stock: {before})' if counted else 'trapped writes not counted')
        + f'; worse by more than 1 %: {listed(worse)}',
    ]
    return table


def part_suites(rows):
    """What measures each sub-series, behind stock."""
    rows.need('bench-stock')
    return ['bench-stock', *(f'part-{p}' for p in results.parts(rows.info['bench-stock']['kernel']))]


def parts(rows):
    """What a page costs behind each of the sub-series: none may make a path dearer."""
    suites = part_suites(rows)
    rows.need(*suites)
    names = ['stock', *(s[len('part-') :] for s in suites[1:])]
    table = Table(
        ['path', *(f'instructions a page: {n}' for n in names), *(f'traps: {n}' for n in (names[0], names[-1]))], suites
    )
    for path in rows.subjects(suites, ['insns']):
        insns = [rows.num(s, path, 'insns') for s in suites]
        traps = [rows.num(s, path, 'traps') for s in (suites[0], suites[-1])]
        table.add(path, *(fmt(v, '.0f') for v in insns), *(fmt(v, '.3f') for v in traps))
        for name, before, now in zip(names[1:], insns, insns[1:]):
            if before and now is None:
                table.bad.append(f'{path}: not measured behind {name}')
            elif before and now > before * 1.01:
                table.bad.append(f'{path}: {now:.0f} behind {name}, {before:.0f} before it')
    return table


def cover_letter(rows, part=None):
    """The text of a cover letter: figures of this series, or of a sub-series against what it
    is on top of; whole, or none."""
    suites, names = ('bench-stock', 'bench-series'), ('stock', 'series')
    again = 'run: make bench, without ARGS'
    if part:
        every = part_suites(rows)
        at = every.index(f'part-{part}')
        suites, names = tuple(every[at - 1 : at + 1]), ('before', 'behind')
        again = 'run: make suite G=parts'
    rows.need(*suites)
    if rows.info[suites[1]]['series'] != results.series_hash():
        raise results.Refused(results.NORESULT, f'the figures in results.tsv are not those of this series; {again}')
    lost = [p for p in readers.paths() if not any(rows.get(suites[1], p, m) for m in ('insns', 'status'))]
    if lost:
        raise results.Refused(results.NORESULT, f'results.tsv lacks paths ({" ".join(lost)}); {again}')
    table = Table(
        [
            'path',
            *(f'instructions: {n}' for n in (*names, 'change')),
            *(f'{g}: {n}' for g in ('traps', 'hypercalls') for n in names),
        ],
        suites,
    )
    slower, more, skipped, same = [], [], [], []
    for path in rows.subjects(suites, ['insns', 'status']):
        (a, b), traps, calls = ([rows.num(s, path, m) for s in suites] for m in ('insns', 'traps', 'hypercalls'))
        if a is None and b is None:
            skipped.append(path)
            continue
        if part and None not in (a, b) and abs(b - a) < a * 0.01 and traps[0] == traps[1]:
            same.append(path)
            continue
        table.add(
            path,
            fmt(a, '.0f'),
            fmt(b, '.0f'),
            change(a, b),
            *(fmt(v, '.2f') for v in traps),
            *(fmt(v, '.3f') for v in calls),
        )
        if a and b and b > a * 1.01:
            slower.append(path)
        if None not in calls and calls[1] - calls[0] > 0.05:
            more.append(path)
    spread, where = worst_spread(rows, suites)
    info = rows.info[suites[1]]
    size, _, repeats = (rows.get(suites[1], '-', 'pages') or '2048').partition(', repeats: ')
    unit = rows.get(suites[1], '-', 'unit') or 'insn'
    said = [
        f'Cost of one page of 4 KiB (order 0) in {"instructions, guest and hypervisor" if unit == "insn" else unit}, '
        f'for a run of {size} pages. PV dom0, {info["hypervisor"]}, in {info["machine"]}; median of {repeats.split(",")[0] or "-"} runs.',
        table.text() if table.rows else 'No path changed by 1 % or more.',
        *([f'Changed by less than 1 %: {listed(same)}.'] if part else []),
        f'More than 1 % slower than {names[0]}: {listed(slower)}.',
        f'More hypercalls than {names[0]}, in place of traps: {listed(more)}.',
        f'Largest distance of a run from the median: {spread:.1f} % ({where or "none"}).',
        *([f'Not measured: {listed(skipped)}.'] if skipped else []),
    ]
    return '\n'.join(text if '\n' in text else textwrap.fill(text, 68) + '\n' for text in said)


def variant_of(kernel):
    """ "clang+ibt" of 6.12.117-series-clang-ibt; "" of a plain kernel."""
    found = re.search(r'(?:stock-nopvops|stock|series)((?:[-+][a-z0-9]+)*)$', kernel)
    return found[1].strip('-+').replace('-', '+') if found else ''


NATIVE = ('native-stock', 'native-series', 'native-nopvops')


def native_variants(all_rows):
    """Rows of the suites without Xen, by variant of the kernels: plain first."""
    by = {}
    for row in all_rows:
        if row['suite'] in NATIVE:
            by.setdefault(variant_of(row['kernel']), []).append(row)
    return {v: Rows(by[v]) for v in sorted(by)}


def native_ratios(rows):
    """path: (stock, series, nopvops), the least of the repeats: what lists, batches
    and merges of free pages make of a repeat only adds to it."""
    rows.need(*NATIVE)
    return {p: tuple(rows.num(s, p, 'insns_min') for s in NATIVE) for p in rows.subjects(NATIVE, ['insns_min'])}


def native_text(rows):
    return tuple(rows.num(s, '-', 'text') for s in NATIVE)


def native(rows):
    """Instructions a page without Xen: stock, series, and without PARAVIRT_XXL."""
    table = Table(
        ['path', 'stock', 'series', 'no pvops', 'series / stock', 'series / no pvops', 'stock / no pvops', ''], NATIVE
    )
    skipped, beyond = [], 0
    for path, (a, b, o) in native_ratios(rows).items():
        if not (a and b and o):
            skipped.append(path)
            table.add(path, fmt(a, '.1f'), fmt(b, '.1f'), fmt(o, '.1f'), '-', '-', '-', 'not measured on each')
            continue
        # a path may be off by one instruction in a page, and by half a percent of
        # chance: its code is the same, but slabs and lists are where other objects are
        mark = 'over 1.02' if b > o * 1.02 + 1 else 'worse than stock' if b > a * 1.005 + 1 else ''
        beyond += bool(mark)
        if mark:
            table.bad.append(f'{path}: {mark}')
        table.add(path, f'{a:.1f}', f'{b:.1f}', f'{o:.1f}', f'{b / a:.3f}', f'{b / o:.3f}', f'{a / o:.3f}', mark)
    a, b, o = native_text(rows)
    if a and b and o:
        grows = 'grows' if b > a else ''
        table.add(
            'text, bytes', f'{a:.0f}', f'{b:.0f}', f'{o:.0f}', f'{b / a:.3f}', f'{b / o:.3f}', f'{a / o:.3f}', grows
        )
        if grows:
            table.bad.append(f'text of the kernel: {b - a:.0f} bytes more than stock')
    if not beyond and len(skipped) == len(table.rows):
        table.bad.append('no path was measured on all three kernels')
    table.summary = [
        '',
        f'{len(table.rows) - bool(a and b and o)} paths, {beyond} beyond the goal, {len(skipped)} not measured',
    ]
    return table


def batch(rows):
    """What a page costs with room for fewer updates in a batch."""
    suites = sorted(rows.suites(r'batch-\d+', 'insns'), key=lambda s: int(s[6:]))
    if not suites:
        rows.need('batch-128')
    table = Table(['updates in a batch', *(f'instructions, hypercalls a page: {s[6:]}' for s in suites)], suites)
    full = []
    table.add('bytes a CPU', *(int(s[6:]) * 16 for s in suites))
    for path in rows.subjects(suites, ['insns']):
        cells, xen = [], []
        for suite in suites:
            insns, calls, mine = (rows.num(suite, path, m) for m in ('insns', 'hypercalls', 'xen'))
            cells.append(f'{fmt(insns, ".0f")}, {fmt(calls, ".4f")}')
            xen.append('-' if mine is None else f'{mine * int(suite[6:]):.0f}')
            if insns is None or calls is None:
                table.bad.append(f'{path}: not measured with {suite[6:]}')
        table.add(path, *cells)
        full.append([f'{path}: Xen, a full batch', *xen])
    for row in full:
        table.add(*row)
    return table


IRQSOFF = ('irqsoff-stock', 'irqsoff-series')


def irqsoff(rows):
    """The longest time with interrupts off in each path: stock and series."""
    rows.need(*IRQSOFF)
    table = Table(
        [
            'path',
            'thousand instructions with interrupts off: stock',
            'thousand instructions with interrupts off: series',
            'of series: from, to<',
        ],
        IRQSOFF,
    )
    most = dict.fromkeys(IRQSOFF, (0, ''))
    for path in rows.subjects(IRQSOFF, ['irqsoff']):
        times = [rows.num(s, path, 'irqsoff') for s in IRQSOFF]
        table.add(path, *(fmt(v, '.0f') for v in times), rows.get(IRQSOFF[1], path, 'irqsoff_at'))
        for suite, value in zip(IRQSOFF, times):
            if value is None:
                table.bad.append(f'{path}: not measured in {suite}')
            else:
                most[suite] = max(most[suite], (value, path))
    table.summary = ['', 'longest: ' + ', '.join(f'{s[len("irqsoff-"):]} {v:.0f} ({p})' for s, (v, p) in most.items())]
    return table


# Instructions a page for a batch of 512 and more, by step; for a batch of 32, of
# which a third is the share of the call, the flush and the page table, a bound of
# its own: it is "short" then. A single page, and grants, which Xen sets and clears
# itself: not worse than stock by more than 1 %. Traps: none.
FOREIGN_GOAL = {'map': 700, 'unmap': 620}
FOREIGN_BOUND = {'map': 1030, 'unmap': 820}
FOREIGN = ('foreign-stock', 'foreign-poc', 'foreign-series')
# On a Xen with its series, for a batch of 1024.
FOREIGN_FAST = {'map': 430, 'unmap': 250}


def foreign(rows):
    """A page of another domain, mapped and unmapped, against the goals."""
    rows.need(*FOREIGN)
    names = [s[len('foreign-') :] for s in FOREIGN]
    table = Table(
        [
            'kind, step, batch',
            *(f'instructions a page: {n}' for n in names),
            *(f'traps a page: {n}' for n in names),
            'of series: Xen',
            'of series: kernel',
            'goal',
            'verdict<',
        ],
        FOREIGN,
    )
    short = 0
    for subject in rows.subjects(FOREIGN, ['insns']):
        kind, step, size = subject.split()
        stock, poc, mine = (rows.num(s, subject, 'insns') for s in FOREIGN)
        traps = [rows.num(s, subject, 'traps') for s in FOREIGN]
        limit = None if int(size) < 32 or kind == 'gnttab' else FOREIGN_GOAL[step]
        verdict = 'FAIL'
        if mine is not None and traps[2] is not None and traps[2] < 0.0005:
            if limit is None and stock is not None and mine <= stock * 1.01 or limit and mine <= limit:
                verdict = 'PASS'
            elif limit and int(size) < 512 and mine <= FOREIGN_BOUND[step]:
                verdict = 'short'
                short += 1
        if verdict == 'FAIL':
            table.bad.append(f'{subject}: {fmt(mine, ".0f")} instructions, {fmt(traps[2], ".3f")} traps a page')
        table.add(
            subject,
            *(fmt(v, '.0f') for v in (stock, poc, mine)),
            *(fmt(v, '.3f') for v in traps),
            *(fmt(rows.num('foreign-series', subject, m), '.0f') for m in ('xen', 'kernel')),
            f'<= {limit or "stock"}',
            verdict,
        )
    skipped = [s for s in rows.subjects(FOREIGN, ['status']) if rows.get('foreign-series', s, 'status')]
    if not table.rows:
        table.bad.append('no figures')
    table.summary = [
        '',
        readers.count(len(table.rows), 'row') + f', {len(table.bad)} miss their goal, {short} short of it; '
        f'skipped: {listed(skipped)}',
    ]
    return table


MIGRATE = ('migrate-stock', 'migrate-series')


def foreign_fast(rows):
    """The same on a Xen with its series."""
    suites = ('foreign-series', 'foreign-fast')
    rows.need(*suites)
    table = Table(
        ['kind, step, batch', *(f'instructions a page: {n}' for n in ('series', 'series + Xen', 'change')), 'goal'], suites
    )
    for subject in rows.subjects(suites, ['insns']):
        kind, step, size = subject.split()
        a, b = (rows.num(s, subject, 'insns') for s in suites)
        limit = FOREIGN_FAST[step] if size == '1024' and kind != 'gnttab' else None
        table.add(subject, fmt(a, '.0f'), fmt(b, '.0f'), change(a, b), f'<= {limit}' if limit else '-')
        if a is None or b is None or b > a * 1.01 or limit and b > limit:
            table.bad.append(f'{subject}: {fmt(b, ".0f")} instructions a page')
    table.summary = ['', f'{readers.count(len(table.rows), "row")}, {len(table.bad)} worse, or above the goal']
    return table


def migrate(rows):
    """Create, checkpoint, save, restore, live migration with xl: stock and series."""
    rows.need(*MIGRATE)
    table = Table(
        [
            'step',
            'instructions, millions: stock',
            'instructions, millions: series',
            'instructions, millions: change',
            'emulated writes: stock',
            'emulated writes: series',
            'hypercalls: stock',
            'hypercalls: series',
        ],
        MIGRATE,
    )
    for step in rows.subjects(MIGRATE, ['insns']):
        (a, b), traps, calls = ([rows.num(s, step, m) for s in MIGRATE] for m in ('insns', 'traps', 'hypercalls'))
        if a is None or b is None:
            table.bad.append(f'{step} is missing on the {"stock" if a is None else "series"} kernel')
        table.add(
            step,
            fmt(a and a / 1e6, '.1f'),
            fmt(b and b / 1e6, '.1f'),
            change(a, b),
            *(fmt(v, '.0f') for v in traps + calls),
        )
        # what was not counted is no zero
        if None in traps:
            table.bad.append(f'{step}: emulated writes were not counted: Xen has no symbol ptwr_emulated_update')
        elif traps[1]:
            table.bad.append(f'{step}: {traps[1]:.0f} page-table writes were emulated on the series kernel')
    null = 'checkpoint-null'
    if not table.rows:
        table.bad.append('no step was counted')
    elif rows.num('migrate-stock', null, 'traps') == 0:
        table.bad.append('the stock kernel has no emulated writes either: the counter does not count')
    # the goal for a guest of 64 MiB
    if (rows.num('migrate-series', null, 'insns') or 0) > 80e6:
        table.bad.append(f'{null} takes more than 80 million instructions')
    table.summary = [
        '',
        f'{len(table.rows)} steps, emulated writes on the series: '
        f'{sum(rows.num(MIGRATE[1], s, "traps") or 0 for s in rows.subjects(MIGRATE, ["traps"])):.0f}',
    ]
    return table


# A checkpoint of a guest of 64 MiB to /dev/null, on a Xen with its series.
CHECKPOINT_FAST = 48


def migrate_fast(rows):
    """The same on a Xen with its series."""
    suites = ('migrate-series', 'migrate-fast')
    rows.need(*suites)
    table = Table(['step', *(f'instructions, millions: {n}' for n in ('series', 'series + Xen', 'change'))], suites)
    for step in rows.subjects(suites, ['insns']):
        a, b = (rows.num(s, step, 'insns') for s in suites)
        table.add(step, *(fmt(v and v / 1e6, '.1f') for v in (a, b)), change(a, b))
        if b is None:
            table.bad.append(f'{step} is missing')
    if (rows.num('migrate-fast', 'checkpoint-null', 'insns') or 1e12) > CHECKPOINT_FAST * 1e6:
        table.bad.append(f'checkpoint-null takes more than {CHECKPOINT_FAST} million instructions, or was not counted')
    return table


CHUNK = 32  # MMU_UPDATE_CHUNK of the series of Xen


def per_update(rows):
    """What hardware takes longer for: Xen's locked and serialising instructions."""
    suites = [s for s in ('bench-stock', 'bench-series', 'bench-fast') if s in rows.suites(metric='locked')]
    rows.need('bench-series', 'bench-fast')
    names = {'bench-stock': 'stock', 'bench-series': 'series', 'bench-fast': 'series + Xen'}
    metrics = (('xen', 'instructions of Xen'), ('locked', 'locked'), ('serial', 'serialising'))
    table = Table(
        ['path', *(f'{what}: {names[s]}' for _, what in metrics for s in suites), f'{CHUNK} updates: series + Xen'], suites
    )
    for path in [p for p in rows.subjects(suites, ['locked']) if p in goals_of('xen-now')]:
        figures = [[rows.num(s, path, metric) for s in suites] for metric, _ in metrics]
        table.add(
            path,
            *(fmt(v, '.0f' if m == 0 else '.2f') for m, row in enumerate(figures) for v in row),
            fmt(figures[0][-1] and figures[0][-1] * CHUNK, '.0f'),
        )
        for (_, what), row in zip(metrics, figures):
            if None in row[-2:] or row[-1] > row[-2]:
                table.bad.append(f'{path}: {what}: not fewer, or not counted')
    if not table.rows:
        table.bad.append('nothing was counted; the plugin is older, or has no symbols of Xen')
    return table


# ---- correctness

MM = ('mm-stock-xen', 'mm-series-xen', 'mm-stock-bare', 'mm-series-bare')
RANK = {'PASS': 0, 'XFAIL': 0, 'SKIP': 1, 'FAIL': 2, 'TIMEOUT': 2, 'INCOMPLETE': 3}


def mm_compare(before, after):
    """same, better, WORSE or incomplete, of one program or case on two kernels."""
    a, b = (RANK.get(r, 2) if r else None for r in (before, after))
    if b is None:
        return 'same' if a is None else 'WORSE'
    if a is None:
        return 'same' if b == 0 else 'WORSE'  # new, and not good
    if a == b == 3:
        return 'incomplete'
    return 'WORSE' if b > a else 'better' if b < a else 'same'


def mm(rows):
    """The kernel's mm selftests, case by case: stock and series, on Xen and without."""
    rows.need(*MM)
    table = Table(['test', *(s[len('mm-') :] + '<' for s in MM), 'verdict<'], MM)
    cases = {}
    for row in rows.rows:
        if row['suite'] in MM and row['metric'] in ('test', 'case'):
            program = row['subject'].partition(': ')[0] if row['metric'] == 'case' else row['subject']
            cases.setdefault(program, {}).setdefault(row['subject'], {})[row['suite']] = row['value']
    count = dict.fromkeys(('same', 'better', 'WORSE', 'incomplete'), 0)
    for program, seen in cases.items():
        log, verdicts, differ = program == 'kernel log', [], []
        for subject, got in seen.items():
            for stock, series in (MM[:2], MM[2:]):
                a, b = got.get(stock), got.get(series)
                if log:
                    a, b = a or 'PASS', b or 'PASS'
                verdicts.append(mm_compare(a, b))
                if verdicts[-1] == 'WORSE':
                    differ.append(f'{subject}: {a or "-"} on {stock[3:]}, {b or "-"} on {series[3:]}')
        verdict = next(v for v in ('WORSE', 'incomplete', 'better', 'same') if v in verdicts)
        # rows of an older page have the totals only
        verdict = rows.get('mm', program, 'verdict') or verdict
        cells = []
        for suite in MM:
            mine = [got[suite] for subject, got in seen.items() if suite in got and subject != program]
            good, n = sum(RANK.get(r, 2) == 0 for r in mine), len(mine)
            if log:
                cells.append('FAIL' if n or seen.get(program, {}).get(suite) == 'FAIL' else 'PASS')
                continue
            if not n and rows.get(suite, program, 'cases'):
                good, n = rows.get(suite, program, 'passed'), rows.get(suite, program, 'cases')
            cells.append((seen.get(program, {}).get(suite) or '-') + (f' {good}/{n}' if n else ''))
        table.add(program, *cells, verdict)
        table.bad += differ or ([program] if verdict == 'WORSE' else [])
        count[verdict] += 1
    table.summary = [
        '',
        f'{len(cases)} tests: '
        + ', '.join(
            f'{n} {v if v != "WORSE" else "worse"}' if v != 'same' else f'{n} the same' for v, n in count.items()
        ),
    ]
    return table


def number(value):
    return '-' if value in (None, '-') else f'{float(value):,.0f}'


def suites(rows, pattern='.*', columns=(), found=True):
    """Any suites: verdict, time, what was found. columns: (title, subject, metric)."""
    chosen = [s for s in rows.suites(pattern) if rows.get(s, '-', 'verdict')]
    made = Table(['suite', 'verdict<', *(c[0] for c in columns), 'seconds', *(['found<'] if found else [])], chosen)
    made.is_list = True
    for s in chosen:
        verdict = rows.get(s, '-', 'verdict')
        made.add(
            s,
            verdict,
            *(number(rows.get(s, c[1], c[2])) for c in columns),
            rows.get(s, '-', 'time'),
            *([rows.get(s, '-', 'found') or ''] if found else []),
        )
        made.broken = made.broken or verdict not in ('PASS', 'SKIP')
    if not chosen:
        raise results.Refused(results.NORESULT, f'no suite of {pattern} has run; run some: make suites lists them')
    return made


LOST = [
    ('raced pages', '-', 'raced_pages'),
    ('stores', '-', 'stores'),
    ('lost writes', '-', 'lost_writes'),
    ('lost dirty bits', '-', 'lost_dirty'),
    ('stale mappings', '-', 'stale_mappings'),
]
COUNTS = [
    ('trapped writes', '-', 'trapped_writes'),
    ('ptwr_emulations', '-', 'ptwr_emulations'),
    ('complaints of Xen', '-', 'complaints'),
]


def races(rows):
    """Pages raced, and what was lost."""
    return suites(rows, r'races-.*', LOST, found=False)


def xen_debug(rows):
    """Kselftests on a Xen that checks itself."""
    return suites(rows, r'xen-debug.*', COUNTS)


def mutants(rows, group='mutants', what='kernels'):
    """Kernels that are broken on purpose: has a test noticed?"""
    prefix, folder = MUTANTS[group]
    table = Table(
        ['class', 'mutant<' if group == 'mutants' else 'name<', 'what is broken<', 'caught<', 'by<'],
        [s for s in rows.suites(f'{prefix}.*') if rows.get(s, '-', 'caught')],
    )
    table.is_list = True
    head = {}
    for suite in table.suites:
        name = suite[len(prefix) :]
        for path in glob.glob(os.path.join(folder, name + '.sed')):
            head[suite] = dict(re.findall(r'^# ([a-z]+): (.*)', '\n'.join(results.lines_of(path, '')), re.M))
    table.suites.sort(key=lambda s: (head.get(s, {}).get('class', ''), s))
    for suite in table.suites:
        name, about = suite[len(prefix) :], head.get(suite, {})
        caught = rows.get(suite, '-', 'caught') == '1'
        table.add(
            about.get('class', '-'),
            name,
            about.get('what', '-'),
            'yes' if caught else 'NO',
            rows.get(suite, '-', 'found') or '-',
        )
        if not caught:
            table.bad.append(f'{name}: not caught')
    if not table.rows:
        raise results.Refused(results.NORESULT, f'no mutant has run; run: make suite G={group}')
    table.summary = ['', f'{len(table.rows)} {what}, {len(table.bad)} not caught']
    return table


def xen_mutants(rows):
    """Hypervisors that are broken on purpose."""
    return mutants(rows, 'xen-mutants', 'hypervisors')


def outcomes(rows, names):
    """The same calls of mmu_update on several hypervisors: what differs."""
    rows.need(*names)
    table = Table(['case', *(f'{n}<' for n in names)], names)
    cases = rows.subjects(names, ['outcome'])
    for case in cases:
        found = [rows.get(n, case, 'outcome') for n in names]
        if len(set(found)) > 1:
            table.add(case, *(f or 'missing' for f in found))
            table.bad.append(f'{case}: differs')
    if not cases:
        table.bad.append('there are no cases')
    table.summary = ['', f'{len(cases)} cases on {len(names)} hypervisors, {len(table.bad)} differ']
    return table


# Suites whose outcomes have to be the same; the first is without the series.
OUTCOMES = {
    'mmu-update': ('mmu-update-debian', 'mmu-update-fast'),
    'mmu-update-debug': ('mmu-update-debug', 'mmu-update-fast-debug'),
    'mmu-update-logdirty': ('mmu-update-logdirty-plain', 'mmu-update-logdirty-fast'),
    'mmu-update-random': ('mmu-update-random-debian', 'mmu-update-random-fast'),
    'mmu-update-million': ('mmu-update-million-debian', 'mmu-update-million-fast'),
}


def model(rows):
    """The protocol of deferred updates: what an exhaustive search found."""
    rows.need('model')
    table = Table(['properties', 'operation<', 'states', 'found<'], ['model'])
    for operation in rows.subjects(['model'], ['states']):
        properties, _, name = operation.partition(': ')
        table.add(properties, name, rows.get('model', operation, 'states'), rows.get('model', operation, 'result'))
    return table


def domu(rows):
    """The kselftests in a guest, before and after it was saved and restored."""
    rows.need('domu')
    table = Table(['save and restore', 'passed', 'failed', 'skipped'], ['domu'])
    for part in ('before', 'after'):
        table.add(part, *(rows.get('domu', part, m) for m in ('passed', 'failed', 'skipped')))
    return table


def stress(rows):
    """stress-ng's memory stressors: operations in so many seconds."""
    rows.need('stress')
    table = Table(['stressor', 'result<', 'operations', 'seconds'], ['stress'])
    for name in rows.subjects(['stress'], ['test']):
        table.add(
            name,
            rows.get('stress', name, 'test'),
            rows.get('stress', name, 'operations'),
            rows.get('stress', name, 'seconds'),
        )
    return table


def tests(rows, suite):
    """The programs of a suite of kselftests, and why one failed or skipped."""
    table = Table(['test', 'result<', 'cases', 'why<'], [suite])
    for name in rows.subjects([suite], ['test']):
        table.add(
            name, rows.get(suite, name, 'test'), rows.get(suite, name, 'cases'), rows.get(suite, name, 'why') or ''
        )
    return table


TABLES = {
    'bench': bench,
    'native': native,
    'batch': batch,
    'parts': parts,
    'irqsoff': irqsoff,
    'foreign': foreign,
    'foreign-fast': foreign_fast,
    'migrate': migrate,
    'migrate-fast': migrate_fast,
    'per-update': per_update,
    'mm': mm,
    'mutants': mutants,
    'xen-mutants': xen_mutants,
    **{name: functools.partial(outcomes, names=names) for name, names in OUTCOMES.items()},
    'races': races,
    'xen-debug': xen_debug,
    'model': model,
    'domu': domu,
    'stress': stress,
}


def table(name, all_rows):
    """The table of that name, or of the suites that match it."""
    rows = Rows(all_rows)
    if name in TABLES:
        if name == 'native':  # of the kernels that were measured last
            whole = {v: r for v, r in native_variants(all_rows).items() if all(n in r.info for n in NATIVE)}
            last = [variant_of(row['kernel']) for row in all_rows if row['suite'] in NATIVE]
            rows = next((whole[v] for v in reversed(last) if v in whole), rows)
        made = TABLES[name](rows)
    elif name in rows.info:
        made = tests(rows, name) if rows.subjects([name], ['test']) else suites(rows, re.escape(name))
    elif name == 'suites' or '*' in name:
        made = suites(rows, '.*' if name == 'suites' else re.escape(name).replace(r'\*', '.*'))
    else:
        raise results.Refused(
            results.USAGE,
            f"no table '{name}'; there are: {' '.join(TABLES)} suites, "
            'and any suite that has run, by name or "NAME*"',
        )
    if not made.is_list:
        rows.ran_on(made.suites)
    elif len({rows.info[s]['series'] for s in made.suites} - {'-'}) > 1:
        made.state_series(rows)
    if rows.left_out:
        made.summary.append(f'({rows.left_out} rows of another series left out; they go when the suites run again)')
    return made
