# SPDX-License-Identifier: GPL-2.0
"""What a boot has left in its folder, by guest job (tools-testing/guest/jobs).

  rows, found = read(job, outdir)

rows are (subject, metric, value, unit); found is one line for a person. When
what the job leaves ends early, found begins with INCOMPLETE and says where. That
is no result, and never a pass: the caller makes an error of it, unless the boot
has a worse verdict already.

Metrics that tests have in common: "test" is the outcome of a program, "case" of a
case in it, with the subject "PROGRAM: CASE"; "why" is the reason of a skip or
failure; "passed", "failed", "skipped" count.
"""

import os
import re
import shlex
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import results  # noqa: E402

INCOMPLETE = 'INCOMPLETE'
PATHS_DEF = os.path.join(results.TOP, 'tools-testing/tools/bench/paths.def')


class Incomplete(Exception):
    """A file ends early, or is not there."""


def read(job, outdir):
    reader = READERS.get(job)
    if not reader:
        return [], ''
    rows = []
    try:
        return rows, reader(outdir, rows)
    except Incomplete as e:
        return rows, f'{INCOMPLETE}: {e}'


def lines_of(outdir, name):
    try:
        with open(os.path.join(outdir, name), encoding='utf-8', errors='replace') as f:
            text = f.read()
    except OSError:
        raise Incomplete(f'no {name}') from None
    if not text:
        raise Incomplete(f'{name} is empty')
    if not text.endswith('\n'):
        raise Incomplete(f'{name} ends in the middle of a line')
    return text[:-1].split('\n')


def console(outdir):
    return lines_of(outdir, 'console.log')


def table(outdir, name, rows_of=lambda row: True):
    """The rows of a TSV file with a line of column names, as dicts, and the
    lines that begin with "# "."""
    columns, rows, comments = None, [], []
    for number, line in enumerate(lines_of(outdir, name), 1):
        cells = line.split('\t')
        if line.startswith('#'):
            comments.append(line[1:].strip())
        elif columns is None:
            columns = cells
        elif len(cells) != len(columns):
            raise Incomplete(f'{name}:{number}: {len(cells)} columns, not {len(columns)}')
        elif rows_of(dict(zip(columns, cells))):
            rows.append(dict(zip(columns, cells)))
    if columns is None:
        raise Incomplete(f'{name} has no line of column names')
    return rows, comments


def job_args(outdir):
    """The arguments that the job was given on the kernel's command line."""
    try:
        with open(os.path.join(outdir, 'qemu.cmd')) as f:
            words = shlex.split(f.read())
    except (OSError, ValueError):
        return []
    for word in words:
        found = re.search(r'ptargs=([^"]*)', word)
        if found:
            return found[1].replace(',,', ',').split()
    return []


def option(args, *names):
    """The value of an option, as "--paths a,b", "-p a,b" or "--paths=a,b"."""
    for i, word in enumerate(args):
        if word in names and i + 1 < len(args):
            return args[i + 1]
        for name in names:
            if word.startswith(name + '='):
                return word[len(name) + 1 :]
    return None


def count(n, what):
    return f'{n:,} {what}' + ('' if n == 1 else 's')


# ---- TAP


class Tap:
    """TAP as far as it was read: its plan, its cases, whether it is all there."""

    def __init__(self):
        self.plan = None
        self.cases = []  # (name, PASS|FAIL|SKIP|XFAIL, text)
        self.bail = self.skip_all = self.totals = None
        self._said = []
        self._names = {}

    def line(self, line):
        found = re.match(r'1\.\.(\d+)(?: *# *SKIP *(.*))?', line)
        if found:
            self.plan = int(found[1])
            self.skip_all = found[2]
            return
        found = re.match(r'(not )?ok \d+ *-? *(.*)', line)
        if found:
            name, _, note = found[2].partition('#')
            name, note = name.strip(), note.strip()
            kind = re.match(r'(SKIP|XFAIL)\b *(.*)', note, re.I)
            text = ' '.join(self._said)
            if found[1]:
                result = 'FAIL'
            elif kind:
                result, text = kind[1].upper(), kind[2]
                name = name or text  # as ksft_test_result_skip() has it
            else:
                result = 'PASS'
            self._names[name] = self._names.get(name, 0) + 1
            if self._names[name] > 1:
                name += f' #{self._names[name]}'
            self.cases.append((name, result, text))
            self._said = []
        elif line.startswith('Bail out!'):
            self.bail = line
        elif line.startswith('# Totals:'):
            self.totals = line
        elif line.startswith('#') and not re.match(r'# +(RUN|OK|PASSED|FAILED|Starting)\b', line):
            self._said.append(line.lstrip('# '))

    def short(self):
        """Why it is not all there, or None."""
        if self.bail:
            return self.bail
        if self.plan is None:
            return 'no plan'
        if len(self.cases) < self.plan:
            return f'{len(self.cases)} of {self.plan} cases'
        return None

    def of(self, result):
        return sum(case[1] == result for case in self.cases)


def tap(lines):
    t = Tap()
    for line in lines:
        t.line(line)
    return t


class Test:
    """A program in the nested TAP of kselftest."""

    def __init__(self, name):
        self.name, self.tap, self.result, self.why, self.said = name, Tap(), None, '', []

    def finish(self, result, note):
        t = self.tap
        self.result = result
        bad = [name for name, r, _ in t.cases if r == 'FAIL']
        skipped = [text for _, r, text in t.cases if r == 'SKIP']
        if result == 'SKIP':
            self.why = t.skip_all or (skipped or self.said or [''])[0]
        elif result == 'FAIL':
            self.why = (bad or [note])[0]
        # a program without cases is one itself, and so is its failure
        if not t.cases or (result == 'FAIL' and not bad):
            t.cases.append((self.name.split(':')[-1], result, self.why or ' '.join(self.said)))


def nested_tap(lines):
    """(plan, [Test...]) of kselftest.tap."""
    plan, tests, test = None, [], None
    for line in lines:
        began = re.match(r'# selftests: ([^:]+): (\S+)', line)
        ended = re.match(r'(not )?ok \d+ selftests: \S+ \S+ *#? *(.*)', line)
        if began:
            test = Test(f'{began[1]}:{began[2]}')
            tests.append(test)
        elif ended and test:
            test.finish('FAIL' if ended[1] else 'SKIP' if ended[2].startswith('SKIP') else 'PASS', ended[2])
            test = None
        elif line.startswith('1..'):
            plan = int(re.match(r'1\.\.(\d+)', line)[1])
        elif test and line.startswith('# '):
            test.tap.line(line[2:])
            if not line.startswith(('# TAP version', '# 1..', '# took')):
                test.said = (test.said + [line.lstrip('# ')])[-5:]
    return plan, tests


def case_rows(rows, cases, test=''):
    for name, result, text in cases:
        subject = f'{test}: {name}' if test else name
        rows.append((subject, 'case', result, '-'))
        if text and result != 'PASS':
            rows.append((subject, 'why', text, '-'))


def total(rows, subject, passed, failed, skipped, unit='cases'):
    for metric, n in (('passed', passed), ('failed', failed), ('skipped', skipped)):
        rows.append((subject, metric, n, unit))
    return (
        f'{count(passed, "case")} passed'
        + (f', {failed:,} failed' if failed else '')
        + (f', {skipped:,} skipped' if skipped else '')
    )


def kselftest(outdir, rows, name='kselftest.tap', subject='-', prefix=''):
    plan, tests = nested_tap(lines_of(outdir, name))
    short = None
    for test in tests:
        full = prefix + test.name
        cases = test.tap.cases
        rows.append((full, 'test', test.result or 'INCOMPLETE', '-'))
        rows.append((full, 'cases', len(cases), 'cases'))
        if test.why and test.result != 'PASS':
            rows.append((full, 'why', test.why, '-'))
        case_rows(rows, cases, full)
        if test.result is None:
            short = f'{name} ends in {test.name}, after {count(len(cases), "case")}'
        elif test.result == 'PASS' and test.tap.short():
            short = f'{test.name} ends early and says ok: {test.tap.short()}'
    if not short and (plan is None or len(tests) < plan):
        short = f'{name} has {len(tests)} of {plan} tests'
    both = [[t.tap.of(r) for t in tests] for r in ('PASS', 'FAIL', 'SKIP')]
    found = total(rows, subject, *map(sum, both))
    for metric, word in (('tests_passed', 'PASS'), ('tests_failed', 'FAIL'), ('tests_skipped', 'SKIP')):
        rows.append((subject, metric, sum(t.result == word for t in tests), 'tests'))
    # what pt_traps compares on a hypervisor that counts by itself
    pairs = re.findall(r": (\d+) trapped writes, Xen's ptwr_emulations: (\d+)", '\n'.join(lines_of(outdir, name)))
    if pairs:
        rows.append((subject, 'trapped_writes', sum(int(a) for a, _ in pairs), 'writes'))
        rows.append((subject, 'ptwr_emulations', sum(int(b) for _, b in pairs), 'writes'))
    if short:
        raise Incomplete(short)
    return found


def domu(outdir, rows):
    return '; '.join(
        part + ' the restore: ' + kselftest(outdir, rows, f'domu-{part}.tap', part, part + ' ')
        for part in ('before', 'after')
    )


def one(outdir, rows):
    lines = lines_of(outdir, 'one.tap')
    programs = ' '.join(job_args(outdir)).count('+') + 1
    # each program has a plan of its own
    starts = [i for i, line in enumerate(lines) if line.startswith('TAP version')] or [0]
    taps = [tap(lines[a:b]) for a, b in zip(starts, starts[1:] + [len(lines)])]
    cases = [case for t in taps for case in t.cases]
    case_rows(rows, cases)
    bad = [name for name, result, _ in cases if result == 'FAIL'] + [t.bail for t in taps if t.bail]
    found = total(rows, '-', *(sum(t.of(r) for t in taps) for r in ('PASS', 'FAIL', 'SKIP')))
    if bad:
        # the job stops there
        return 'failed: ' + bad[0] + (f', {len(bad) - 1} more' if len(bad) > 1 else '')
    if len(taps) < programs or not all(t.totals for t in taps):
        raise Incomplete(f'one.tap ends after {count(len(cases), "case")}')
    return found


RACED = ('raced_pages', 'stores', 'lost_writes', 'lost_dirty', 'stale_mappings')
RUN_LINE = re.compile(r'# (?:# )? *RUN +(\S+)')
RACED_LINE = re.compile(
    r'# (?:# )?(\S+): raced pages (\d+), stores (\d+), lost writes (\d+), ' r'lost dirty (\d+), stale mappings (\d+)'
)


def raced(lines, rows):
    """The lines in which pt_races counts; returns its totals, or None."""
    totals = runs = None
    for line in lines:
        began, found = RUN_LINE.match(line), RACED_LINE.match(line)
        runs = began[1] if began else runs
        if not found:
            continue
        subject = '-' if found[1] == 'total' else runs or found[1]
        values = [int(v) for v in found.groups()[1:]]
        rows.extend((subject, metric, v, '-') for metric, v in zip(RACED, values))
        if subject == '-':
            totals = values
    return totals


def raced_text(totals):
    return f'{totals[0]:,} pages raced, {sum(totals[2:]):,} lost'


def races(outdir, rows):
    lines = lines_of(outdir, 'races.tap')
    t = tap(lines)
    case_rows(rows, t.cases)
    total(rows, '-', t.of('PASS'), t.of('FAIL'), t.of('SKIP'))
    totals = raced(lines, rows)
    if t.short() or not totals:
        raise Incomplete(f'races.tap: {t.short() or "no totals"}')
    bad = [name for name, result, _ in t.cases if result == 'FAIL']
    return raced_text(totals) + (f'; failed: {", ".join(bad)}' if bad else '')


def raced_and_kselftest(outdir, rows):
    totals = raced(lines_of(outdir, 'kselftest.tap'), rows)
    text = kselftest(outdir, rows)
    return f'{raced_text(totals)}; {text}' if totals else text


def faults(outdir, rows):
    lines = lines_of(outdir, 'faults.tap')
    t = tap(lines)
    case_rows(rows, t.cases, 'pt_faults')
    found = None
    for line in lines:
        found = re.match(r'# pages (\d+), injected (\d+), reported (\d+)', line) or found
    bad = [name for name, result, _ in t.cases if result == 'FAIL'] + ([t.bail] if t.bail else [])
    rows.append(('pt_faults', 'test', 'FAIL' if bad else 'PASS', '-'))
    if found:
        rows.extend(('-', metric, v, '-') for metric, v in zip(('pages', 'injected', 'reported'), found.groups()))
    elif not bad:
        raise Incomplete('faults.tap has no totals')
    if t.short() and not bad:
        raise Incomplete(f'faults.tap: {t.short()}')
    text = (
        [f'{int(found[1]):,} pages, {int(found[2]):,} updates refused, {int(found[3]):,} reported'] if found else []
    )
    if bad:
        text.append('failed: ' + bad[0] + (f', {len(bad) - 1} more' if len(bad) > 1 else ''))
    if job_args(outdir) and not bad:
        text.append(raced_and_kselftest(outdir, rows))
    return '; '.join(text)


def mmu_update(outdir, rows):
    cases, comments = table(outdir, 'mmu-update.tsv')
    for case in cases:
        rows.append((case['case'], 'test', case['result'], '-'))
        rows.append((case['case'], 'outcome', case['outcome'], '-'))
        if case['why'] != '-':
            rows.append((case['case'], 'why', case['why'], '-'))
    bad = [case for case in cases if case['result'] != 'PASS']
    if f'cases\t{len(cases)}' not in comments and not bad:
        raise Incomplete('mmu-update.tsv has no totals')
    rows.append(('-', 'cases', len(cases), 'cases'))
    text = f'{count(len(cases), "case")}, {len(bad)} failed'
    return text + (f'; first: {bad[0]["case"]}: {bad[0]["why"]}' if bad else '')


def counted(outdir, rows, name):
    """A file that has a number as its last line: how often something was done."""
    n = lines_of(outdir, name + '.count')[-1]
    if not n.isdigit():
        raise Incomplete(f'{name}.count is no number')
    rows.append(('-', name + '_rounds', n, 'times'))
    return int(n)


def hotplug(outdir, rows):
    n = counted(outdir, rows, 'hotplug')
    return f'a CPU went and came back {n:,} times; {raced_and_kselftest(outdir, rows)}'


def balloon(outdir, rows):
    n = counted(outdir, rows, 'balloon')
    return f'down and up {n:,} times; {races(outdir, rows)}'


def rounds(outdir, rows, name, what):
    """Jobs with the arguments MIB ROUNDS that count rounds, and say in which they
    failed. Returns what they found, and whether all is well."""
    said = [line for line in console(outdir) if line.startswith(f'{name}: round ')]
    if said:
        return 'failed: ' + said[-1][len(name) + 2 :], False
    n, args = counted(outdir, rows, name), job_args(outdir)
    wanted = int(args[1]) if len(args) > 1 else 50
    if n < wanted:
        raise Incomplete(f'{what} {n} times of {wanted}')
    return f'{what} {n} times', True


def cycle(outdir, rows):
    live = 'live' in job_args(outdir)
    return rounds(outdir, rows, 'cycle', 'migrated and checkpointed' if live else 'saved and restored')[0]


def disk(outdir, rows):
    found, well = rounds(outdir, rows, 'disk', 'attached and detached')
    return f'{found}; {races(outdir, rows)}' if well else found


def mglru(outdir, rows):
    table_rows, comments = table(outdir, 'mglru.tsv')
    got = {row['what']: row['value'] or '0' for row in table_rows}
    rows.extend(('-', what, value, '-') for what, value in got.items())
    lost = [line for name in ('file.log', 'anon.log') for line in lines_of(outdir, name) if 'LOST' in line]
    if lost:
        return 'failed: ' + lost[0]
    if 'end' not in comments:
        raise Incomplete('mglru.tsv ends early')
    wanted = int((job_args(outdir) or ['10'])[0])
    if min(int(got['rounds']), int(got['rounds_anon'])) < wanted:
        raise Incomplete(f'{got["rounds"]} rounds of the file and {got["rounds_anon"]} of the memory, of {wanted}')
    return (
        f'a file of {got["file"]} MiB in a memory of {got["memory"]} MiB, {got["rounds"]} rounds; '
        f'{int(got["stolen"]):,} pages reclaimed, {int(got["refaulted"]):,} came back'
    )


def package(outdir, rows):
    on = any('batched page table updates: on' in line for line in console(outdir))
    rows.append(('-', 'series_on', 'yes' if on else 'no', '-'))
    return f'{smoke(outdir, rows)}; {kselftest(outdir, rows)}'


def smoke(outdir, rows):
    found = {}
    for line in console(outdir):
        match = re.match(r'([a-z0-9-]+) +(?:ok, (\d+) pages$|(SKIP|FAIL): (.*))', line)
        if match:
            found[match[1]] = match
    for name, match in found.items():
        rows.append((name, 'test', match[3] or 'PASS', '-'))
        if match[4]:
            rows.append((name, 'why', match[4], '-'))
    missing = [p for p in wanted_paths(outdir) if p not in found]
    if missing:
        raise Incomplete(f'{len(missing)} paths did not run: {" ".join(missing[:4])} ...')
    ok = sum(match[3] is None for match in found.values())
    bad = [name for name, match in found.items() if match[3] == 'FAIL']
    return f'{ok} of {len(found)} paths keep their data' + (f'; failed: {", ".join(bad)}' if bad else '')


# ---- measurements


def paths():
    """Names of the benchmark's paths, and what one page of each is."""
    with open(PATHS_DEF) as f:
        return dict(re.findall(r'^PATH\(\d+, "([^"]+)"[^"]*"([^"]*)"', f.read(), re.M))


def wanted_paths(outdir):
    asked = option(job_args(outdir), '--paths', '-p')
    return asked.split(',') if asked else list(paths())


COUNTED = ('xen', 'kernel', 'user', 'traps', 'hypercalls', 'locked', 'serial')


def plugin(outdir, name='ptcount.tsv'):
    """The measured sections that the plugin of QEMU has counted, or none."""
    if not os.path.exists(os.path.join(outdir, name)):
        return []
    rows, comments = table(outdir, name, lambda row: row['kind'] == 'plain' and int(row['pages']) > 0)
    inside = [c for c in comments if c.startswith('ended inside')]
    if inside or 'end' not in comments:
        raise Incomplete(f'{name}: {inside[0] if inside else "no line that says it ended"}')
    return rows


def per_page(sections, metric):
    """Median of the runs, a page; None if it was not counted."""
    values = [int(s[metric]) / int(s['pages']) for s in sections if s.get(metric, '-') != '-']
    return statistics.median(values) if values else None


PROFILE_LINES = 24


def profile(outdir, rows, subjects=None, name='ptcount.tsv.prof'):
    """Functions with most instructions, mean of the runs, a page. subjects: what a
    path of the plugin is called, if it is called otherwise."""
    if not os.path.exists(os.path.join(outdir, name)):
        return
    cost, runs = {}, {}
    for row in table(outdir, name)[0]:
        path = (subjects or {}).get(row['path'], row['path'])
        runs.setdefault(path, set()).add(row['repeat'])
        functions = cost.setdefault(path, {})
        key = row['symbol'], row['where']
        functions[key] = functions.get(key, 0) + float(row['per_page'])
    for path, functions in cost.items():
        most = sorted(functions.items(), key=lambda f: (-f[1], f[0]))
        rows.append((path, 'functions', len(most), 'functions'))
        for (symbol, where), value in most[:PROFILE_LINES]:
            rows.append((path, 'function ' + symbol, f'{value / len(runs[path]):.1f}', f'insn a page, {where}'))


def kernel_text(outdir, rows):
    """Size of the kernel's text, of the vmlinux that belongs to the image."""
    try:
        with open(os.path.join(outdir, 'qemu.cmd')) as f:
            image = re.search(r'(\S*)/arch/x86/boot/bzImage', f.read())
        said = subprocess.run(['size', image[1] + '/vmlinux'], capture_output=True, text=True, check=True).stdout
    except (OSError, TypeError, subprocess.CalledProcessError):
        return
    rows.append(('-', 'text', said.splitlines()[1].split()[0], 'bytes'))


def bench(outdir, rows):
    table_rows, comments = table(outdir, 'ptbench.tsv')
    for comment in comments:
        key, _, value = comment.partition(': ')
        rows.append(('-', key, value, '-'))
    unit = dict(c.partition(': ')[::2] for c in comments).get('unit', 'insn') + ' a page'
    bad = []
    for row in table_rows:
        if row['status'] != 'ok':
            rows.append((row['path'], 'status', row['status'], '-'))
            rows.append((row['path'], 'note', row['note'], '-'))
            bad += [row['path']] if row['status'] == 'FAIL' else []
            continue
        rows.append((row['path'], 'pages', row['pages'], 'pages'))
        for metric, column in (('insns', 'median'), ('insns_min', 'min'), ('insns_max', 'max')):
            rows.append((row['path'], metric, row[column], unit))
    kernel_text(outdir, rows)
    measured = {row['path'] for row in table_rows}
    lost = [p for p in wanted_paths(outdir) if p not in measured]
    if lost:
        raise Incomplete(
            f'ptbench.tsv ends before {lost[0]}, {len(lost)} of {len(wanted_paths(outdir))} paths missing'
        )
    sections, traps = plugin(outdir), None
    for path in dict.fromkeys(s['path'] for s in sections):
        runs = [s for s in sections if s['path'] == path]
        for metric in COUNTED:
            value = per_page(runs, metric)
            if value is not None:
                rows.append((path, metric, f'{value:.4f}', metric + ' a page' if metric in COUNTED[3:] else unit))
                traps = (traps or 0) + (value > 0 if metric == 'traps' else 0)
        # what one run of it asks the hypervisor for, by kind
        for run in [s for s in runs if s['repeat'] == '1'][:1]:
            for metric in ('hypercalls', 'mmu_update', 'mmuext_op', 'update_va', 'subcalls'):
                if run.get(metric, '-') != '-':
                    rows.append((path, 'run_' + metric, run[metric], 'calls a run'))
    ok = sum(row['status'] == 'ok' for row in table_rows)
    text = f'{ok} of {len(table_rows)} paths measured'
    if sections:
        text += f', {traps} with trapped writes' if traps is not None else ', trapped writes not counted'
    return text + (f'; failed: {", ".join(bad)}' if bad else '')


def foreign(outdir, rows):
    table_rows, _ = table(outdir, 'foreign.tsv')
    sections = plugin(outdir)
    skipped = []
    for row in table_rows:
        subject = f'{row["kind"]} {row["step"]} {row["batch"]}'
        if row['status'] != 'ok':
            rows += [(subject, 'status', row['status'], '-'), (subject, 'note', row['note'], '-')]
            skipped.append(f'{row["kind"]} {row["batch"]}')
            continue
        rows.append((subject, 'pages', row['pages'], 'pages'))
        rows.append((subject, 'insns', row['median'], row['unit'] + ' a page'))
        mine = [s for s in sections if s['id'] == row['id']]
        for metric in COUNTED:
            value = per_page(mine, metric)
            if value is None and row.get(metric, '-') != '-':
                value = float(row[metric])
            if value is not None:
                rows.append((subject, metric, f'{value:.4f}', 'a page'))
    profile(outdir, rows, {f'id-{row["id"]}': f'{row["kind"]} {row["step"]} {row["batch"]}' for row in table_rows})
    args = job_args(outdir)
    kinds = (option(args, '--map') or 'ro,rw,resource,gnttab').split(',')
    for batch in (option(args, '--batch') or '').split(','):
        for kind in kinds:
            if batch and not any(r['kind'] == kind and r['batch'] == batch for r in table_rows):
                raise Incomplete(f'foreign.tsv ends before {kind}, batch {batch}')
    ok = sum(row['status'] == 'ok' for row in table_rows)
    return f'{ok} kinds of mapping measured' + (f', skipped: {", ".join(skipped)}' if skipped else '')


def irqsoff(outdir, rows):
    table_rows, comments = table(outdir, 'irqsoff.tsv')
    bad = []
    for row in table_rows:
        if row['status'] == '4':
            rows.append((row['path'], 'status', 'SKIP', '-'))
        elif row['status'] != '0':
            rows.append((row['path'], 'status', 'FAIL', '-'))
            bad.append(row['path'])
        else:
            rows.append((row['path'], 'irqsoff', row['longest'], 'thousand insn'))
            rows.append((row['path'], 'irqsoff_at', f'{row["from"]} to {row["to"]}', '-'))
    if 'end' not in comments or not table_rows:
        raise Incomplete(f'irqsoff.tsv ends after {count(len(table_rows), "path")}')
    times = [(int(row['longest']), row['path']) for row in table_rows if row['status'] == '0']
    if not times or not max(times)[0]:
        raise Incomplete('irqsoff.tsv has no time')
    return f'{len(times)} paths, the longest {max(times)[0]} thousand instructions ({max(times)[1]})' + (
        f'; failed: {" ".join(bad)}' if bad else ''
    )


MIGRATE = ('insns', 'xen', 'kernel', 'user', 'traps', 'hypercalls', 'mmu_update')


def migrate(outdir, rows):
    steps, _ = table(outdir, 'steps.tsv')
    sections = plugin(outdir)
    for step in dict.fromkeys(s['path'] for s in sections):
        mine = [s for s in sections if s['path'] == step]
        for metric in MIGRATE:
            counted = [int(s[metric]) for s in mine if s.get(metric, '-') != '-']
            if counted:
                rows.append((step, metric, sum(counted), 'insn' if metric in MIGRATE[:4] else metric))
    profile(outdir, rows)
    for step in steps:
        rows.append((step['step'], 'test', 'PASS' if step['status'] == '0' else 'FAIL', '-'))
        if step['round'] not in ('', '-'):
            rows.append((step['step'], 'round', step['round'], 'rounds'))
    bad = [s['step'] for s in steps if s['status'] != '0']
    if bad:
        return f'failed: {bad[0]}'
    if not steps or steps[-1]['step'] != 'destroy':
        raise Incomplete(f'steps.tsv ends with {steps[-1]["step"] if steps else "nothing"}, not with destroy')
    writes = steps[-1].get('writes') or '0'
    return (
        f'{len(steps)} steps, the guest checked {int(writes):,} writes' if writes.isdigit() else f'{len(steps)} steps'
    )


def latency(outdir, rows):
    waits, _ = table(outdir, 'latency.tsv')
    if len(waits) != 1:
        raise Incomplete('latency.tsv has no line')
    for metric, unit in (('times', 'times'), ('longest', 'us'), ('mean', 'us')):
        rows.append(('-', metric, waits[0][metric], unit))
    return 'woken {times} times, at most {longest} us late, {mean} us in the mean'.format(**waits[0])


def counter(outdir, rows):
    status = dict(line.split('\t')[:2] for line in lines_of(outdir, 'status.tsv') if '\t' in line)
    for name, value in status.items():
        rows.append((name, 'status', value, '-'))
    totals = {}
    for name in status:
        if not os.path.exists(os.path.join(outdir, name + '.tsv')):
            continue
        functions = 0
        for cells in (line.split('\t') for line in lines_of(outdir, name + '.tsv') if not line.startswith('#')):
            if len(cells) != 6:
                raise Incomplete(f'{name}.tsv: {len(cells)} columns, not 6')
            group, what, _, metric, n, rate = cells
            if group == 'total':
                rows.append((name, metric, n, '-'))
                rows.append((name, metric + '_per_second', rate, 'a second'))
                totals[name, metric] = n
            elif group == 'batch':
                rows.append((name, f'batch {what}', n, 'calls'))
            elif group == 'function' and not functions:
                functions = 1
                rows.append((name, 'top_function', f'{what} ({n})', '-'))
    if not status:
        raise Incomplete('status.tsv is empty')
    text = [
        f'{name}: {int(n):,} trapped writes'
        for (name, metric), n in totals.items()
        if metric == 'trapped_writes' and name in ('forks', 'idle', 'unmap')
    ]
    return ', '.join(text) or ', '.join(f'{k}: status {v}' for k, v in status.items())


# ---- others


def clean_record(outdir, rows):
    for line in reversed(console(outdir)):
        found = re.search(r'(\d+) of (\d+) dirty, then (\d+)', line)
        if found:
            rows += [
                ('-', 'dirty', found[1], f'of {found[2]} pages'),
                ('-', 'dirty_after', found[3], f'of {found[2]} pages'),
            ]
            return found[0]
    raise Incomplete('the probe did not say what it found')


def mm(outdir, rows):
    """tools/testing/selftests/mm. A program that planned more cases than it ran is
    INCOMPLETE, whatever its exit status."""
    lines = lines_of(outdir, 'mm.log')
    tests, name, said = {}, None, []
    for line in lines:
        end = re.match(r'=== exit (\d+), (\d+) s$', line)
        if name is None and line == '=== end':
            break
        if name is None and line.startswith('=== '):
            name, said = line[4:], []
        elif name is not None and end:
            tests[name] = mm_test(rows, name, said, int(end[1]), end[2])
            name = None
        elif name is not None:
            said.append(line)
    try:
        splats = open(os.path.join(outdir, 'splats.txt'), errors='replace').read().splitlines()
    except OSError:
        splats = []
    for line in splats:
        rows.append(('kernel log: ' + complaint(line), 'case', 'FAIL', '-'))
    if name is not None:
        rows.append((name, 'test', 'INCOMPLETE', '-'))
        raise Incomplete(f'mm.log ends in {name}')
    if lines[-1] != '=== end' or not tests:
        raise Incomplete(f'mm.log ends after {count(len(tests), "program")}')
    how = {word: sum(r == word for r in tests.values()) for word in ('PASS', 'FAIL', 'SKIP', 'INCOMPLETE')}
    return (
        f'{how["PASS"]} of {len(tests)} programs pass, {how["FAIL"]} fail, {how["SKIP"]} skip, '
        f'{how["INCOMPLETE"]} end early'
    )


def complaint(line):
    """A line of the kernel's log without what differs between two boots."""
    line = re.sub(r'^\[[^]]*\] *', '', line)
    line = re.sub(r'CPU: \d+ PID: \d+', '', line)
    return re.sub(r'/\d+$', '', line).strip()


def mm_test(rows, name, said, status, seconds):
    t = Tap()
    ended = planned = False
    for line in said:
        line = re.sub(r'^# ', '', line)
        if re.match(r'(not )?ok \d+|1\.\.\d+|Bail out!', line):
            t.line(line)
        found = re.match(r'Testing (.*)\.\.\. *(done|skipped|failed)', line)
        if found:  # uffd-unit-tests has a format of its own
            planned = True
            t.line(f'{"not " if found[2] == "failed" else ""}ok 1 {found[1]}' + ' # SKIP' * (found[2] == 'skipped'))
        ended = ended or line.startswith('Userfaults unit tests: pass=')
    died = status > 128 or (t.plan is not None and len(t.cases) < t.plan) or (planned and not ended)
    result = 'INCOMPLETE' if died else {0: 'PASS', 4: 'SKIP', 124: 'TIMEOUT'}.get(status, 'FAIL')
    rows.append((name, 'test', result, '-'))
    rows.append((name, 'exit', status, '-'))
    rows.append((name, 'seconds', seconds, 'guest seconds'))
    case_rows(rows, [(case, r, '') for case, r, _ in t.cases], name)
    return result


def stress_metrics(lines):
    """{stressor: (operations, seconds)} from what stress-ng prints."""
    metrics = {}
    for line in lines:
        # stress-ng: metrc: [1] NAME  BOGO-OPS  REAL-TIME ...
        found = re.match(r'stress-ng: (?:metrc|info): +\[\d+\] (\S+) +(\d+) +(\d+\.\d+) +\d', line)
        if found:
            metrics[found[1]] = int(found[2]), float(found[3])
    return metrics


def churn(outdir, rows):
    lines = lines_of(outdir, 'churn.log')
    metrics = stress_metrics(lines)
    for name, (operations, seconds) in metrics.items():
        rows.append((name, 'operations', operations, 'bogo operations'))
        rows.append((name, 'seconds', f'{seconds:.2f}', 'seconds'))
    bad = [line for line in lines if re.search('stress-ng: fail|verification failed|corrupt', line, re.I)]
    if bad:
        return 'failed: ' + bad[0]
    if not metrics or not any('successful run completed' in line for line in lines):
        raise Incomplete('churn.log: stress-ng does not say that it completed')
    return (
        ', '.join(f'{name} {n:,}' for name, (n, _) in metrics.items())
        + f' operations in {max(s for _, s in metrics.values()):.0f} s'
    )


def stress(outdir, rows):
    """stress-ng: operations and the seconds that they took, from its metrics; the
    other figures of --metrics are rates, and are left to its log."""
    table_rows, comments = table(outdir, 'stress.tsv')
    metrics = stress_metrics(lines_of(outdir, 'stress.log'))
    skipped, ops = [], 0
    for row in table_rows:
        name = row['stressor']
        rows.append((name, 'test', row['result'], '-'))
        if row['result'] == 'SKIP':
            skipped.append(name)
        elif name in metrics:
            rows.append((name, 'operations', metrics[name][0], 'bogo operations'))
            rows.append((name, 'seconds', f'{metrics[name][1]:.2f}', 'seconds'))
            ops += 1
        elif row['result'] == 'PASS':
            raise Incomplete(f'stress.log has no metrics of {name}')
    if 'end' not in comments or not table_rows:
        raise Incomplete(f'stress.tsv ends after {count(len(table_rows), "stressor")}')
    bad = [row['stressor'] for row in table_rows if row['result'] == 'FAIL']
    return (
        f'{ops} of {len(table_rows)} stressors verified their data'
        + (f', skipped: {" ".join(skipped)}' if skipped else '')
        + (f'; failed: {" ".join(bad)}' if bad else '')
    )


def running(outdir, rows):
    # it says "foreign-running: ..." at its end, well or not
    said = [line for line in console(outdir) if line.startswith('foreign-running: ')]
    if not said:
        raise Incomplete('it said nothing')
    return said[-1].partition(': ')[2]


def read_log(suite, log):
    """Rows of a suite that is a program, from what it said; most leave none."""
    rows = []
    if suite == 'model':  # tools-testing/checks/model/run
        with open(log, encoding='utf-8') as f:
            for line in f:
                cells = re.split('  +', line.rstrip())
                if len(cells) == 4 and cells[2].isdigit():
                    subject = f'{cells[0]}: {cells[1]}'
                    rows += [(subject, 'states', cells[2], 'states'), (subject, 'result', cells[3], '-')]
    return rows


def checks(outdir, rows):
    """Jobs that say "  ok    WHAT" or "  FAIL  WHAT: WHY" on the console."""
    passed = failed = 0
    for line in console(outdir):
        found = re.match(r'  (ok|FAIL) +(.*)', line)
        if found:
            name, _, text = found[2].partition(': ')
            rows.append((name, 'case', 'PASS' if found[1] == 'ok' else 'FAIL', '-'))
            if found[1] == 'FAIL' and text:
                rows.append((name, 'why', text, '-'))
            passed += found[1] == 'ok'
            failed += found[1] == 'FAIL'
    if not passed + failed:
        raise Incomplete('it said nothing')
    return total(rows, '-', passed, failed, 0)


def mem_paging(outdir, rows):
    """What the cases said, and what a page costs each way; counted by the plugin, too."""
    found = checks(outdir, rows)
    args = job_args(outdir)
    if 'cases' in args and 'figures' not in args:
        return found
    ways, _ = table(outdir, 'figures.tsv')
    sections = plugin(outdir)
    for row in ways:
        rows.append((row['way'], 'pages', row['pages'], 'pages'))
        rows.append((row['way'], 'insns', row['cost'], row['unit'] + ' a page'))
        mine = [s for s in sections if s['id'] == row['id']]
        for metric in COUNTED:
            value = per_page(mine, metric)
            if value is not None:
                rows.append((row['way'], metric, f'{value:.4f}', 'a page'))
    if len(ways) != 4:
        raise Incomplete(f'figures.tsv has {len(ways)} ways, not 4')
    old, new = float(ways[0]['cost']), float(ways[1]['cost'])
    rows.append(('-', 'ratio', f'{old / new:.2f}', '-'))
    return f'{old:.0f} -> {new:.0f} {ways[0]["unit"]} a page; {found}'


READERS = {
    'selftest': kselftest,
    'shadow': kselftest,
    'one': one,
    'domu-selftest': domu,
    'races': races,
    'faults': faults,
    'mmu-update': mmu_update,
    'hotplug': hotplug,
    'balloon': balloon,
    'cycle': cycle,
    'disk': disk,
    'mglru': mglru,
    'irqsoff': irqsoff,
    'tables': checks,
    'domu-tables': checks,
    'domu-mem-paging': checks,
    'grants': checks,
    'churn': churn,
    'bench': bench,
    'mm': mm,
    'stress': stress,
    'foreign': foreign,
    'foreign-abuse': checks,
    'foreign-running': running,
    'mem-paging': mem_paging,
    'migrate': migrate,
    'counter': counter,
    'latency': latency,
    'clean-record': clean_record,
    'smoke': smoke,
    'package': package,
}
