#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Verdicts of the comparisons, and pages that refuse to mix series."""

import contextlib
import importlib.machinery
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import unittest.mock
import xml.etree.ElementTree as ET

# goals are those of the series for it
os.environ['KVER'] = '6.12'
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pages  # noqa: E402
import readers  # noqa: E402
import results  # noqa: E402
import tables  # noqa: E402

REPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'report')
LOADER = importlib.machinery.SourceFileLoader('report', REPORT)
report = importlib.util.module_from_spec(importlib.util.spec_from_loader('report', LOADER))
LOADER.exec_module(report)


def row(suite, subject, metric, value, series='aaaaaaaaaaaa', kernel=None, **more):
    tree = (
        'stock'
        if '-stock' in suite
        else 'poc'
        if '-poc' in suite
        else 'stock-nopvops'
        if 'nopvops' in suite
        else 'series'
    )
    return {
        **dict(
            zip(
                results.COLUMNS,
                (
                    suite,
                    subject,
                    metric,
                    str(value),
                    '-',
                    kernel or '6.12.117-' + tree,
                    'Xen 4.17.7',
                    'QEMU 7.2, 1 CPU',
                    '-' if tree != 'series' else series,
                    '2026-11-28',
                ),
            )
        ),
        **more,
    }


def bench(path='fork', stock=(3000, 1.0), series=(1186, 0.0), pages_=2048, hash_='aaaaaaaaaaaa'):
    rows = []
    for suite, (insns, traps) in (('bench-stock', stock), ('bench-series', series)):
        for metric, value in (
            ('insns', insns),
            ('insns_min', insns),
            ('insns_max', insns),
            ('traps', traps),
            ('hypercalls', 0.01),
            ('pages', pages_),
        ):
            rows.append(row(suite, path, metric, value, hash_))
    return rows


class Bench(unittest.TestCase):
    def verdict(self, rows, text=''):
        made = tables.table('bench', rows)
        self.assertIn(text, made.text())
        return made.verdict

    def test_good(self):
        self.assertEqual(self.verdict(bench(), '-60.5 %'), 0)
        self.assertEqual(
            self.verdict(
                bench(),
                '1 path, median change -60.5 %; 1 of 1 at 0 trapped writes (stock: 0); '
                'worse by more than 1 %: none',
            ),
            0,
        )

    def test_traps(self):
        self.assertEqual(self.verdict(bench(series=(1186, 0.001)), 'FAIL  fork: traps on the series kernel'), 1)

    def test_one_percent(self):
        self.assertEqual(self.verdict(bench('exit', (1000, 0), (1010, 0))), 0)
        self.assertEqual(self.verdict(bench('exit', (1000, 0), (1011, 0)), 'FAIL  exit: worse than stock'), 1)

    def test_share_of_xen(self):
        def rows(insns, xen):
            more = [
                row(s, 'cow', m, v)
                for s, i, x in (('bench-fast', insns, xen), ('bench-series', 900, 300))
                for m, v in (('insns', i), ('traps', 0), ('xen', x))
                if (s, m) not in (('bench-series', 'insns'), ('bench-series', 'traps'))
            ]
            return bench('cow', (1000, 0), (900, 0)) + more

        self.assertEqual(self.verdict(rows(920, 308)), 0)
        self.assertEqual(self.verdict(rows(910, 310), 'FAIL  cow: 910 in bench-fast, worse than 900'), 1)

    def test_goal(self):
        goal = tables.goals()['fork'][1]
        self.assertEqual(self.verdict(bench(series=(goal * 1.029, 0))), 0)
        self.assertEqual(self.verdict(bench(series=(goal * 1.04, 0)), f'the goal is {goal}'), 1)
        self.assertEqual(self.verdict(bench(series=(goal * 1.04, 0), pages_=512)), 0)

    def test_not_measured_on_the_series(self):
        rows = bench('exit', (1000, 0), (900, 0)) + [
            row('bench-stock', 'fork', 'insns', 3000),
            row('bench-series', 'fork', 'status', 'SKIP'),
            row('bench-series', 'fork', 'note', 'no <memory>'),
        ]
        self.assertEqual(self.verdict(rows, 'FAIL  fork: measured on stock, but not on the series'), 1)

    def test_nothing_measured(self):
        rows = [row(s, 'fork', 'status', 'SKIP') for s in ('bench-stock', 'bench-series')]
        self.assertEqual(self.verdict(rows, 'FAIL  no path was measured'), 1)
        with self.assertRaises(results.Refused) as e:
            tables.table('bench', [])
        self.assertEqual(e.exception.status, 17)

    def test_a_run_that_broke_has_no_figures(self):
        with self.assertRaises(results.Refused) as e:
            tables.table('bench', bench() + [row('bench-series', '-', 'verdict', 'ERROR')])
        self.assertEqual((e.exception.status, str(e.exception)[:29]), (17, 'bench-series ended with ERROR'))

    def test_older_series_is_left_out(self):
        made = tables.table('bench', bench('exit', (1, 0), (9, 0), hash_='older') + bench())
        self.assertEqual(made.verdict, 1)  # exit is of stock only now
        self.assertIn('rows of another series left out', made.text())

    def test_a_third_column(self):
        rows = bench() + [row('bench-fix', 'fork', 'insns', 2900, kernel='7.3-series-fix')]
        self.assertIn('fix', tables.table('bench', rows).text().splitlines()[1])


class CoverLetter(unittest.TestCase):
    def rows(self):
        return [r for path in readers.paths() for r in bench(path, (4711, 1), (1234, 0), hash_=results.series_hash())]

    def refused(self, rows, text):
        with self.assertRaises(results.Refused) as e:
            tables.cover_letter(tables.Rows(rows))
        self.assertEqual(e.exception.status, 17)
        self.assertRegex(str(e.exception), text)

    def test_text(self):
        said = tables.cover_letter(tables.Rows(self.rows()))
        self.assertRegex(said, r'\nfork +4711 +1234 +-73.8 % +1.00 +0.00 +0.010 +0.010\n')
        self.assertIn('\nMore than 1 % slower than stock: none.\n', said)
        self.assertLessEqual(max(map(len, said.splitlines())), 78)

    @unittest.mock.patch('results.parts', lambda _: ['fixes', 'rest'])
    def test_part(self):
        rows = [{**r, 'suite': r['suite'].replace('bench-series', 'part-fixes')} for r in self.rows()]
        rows += [
            {**r, 'suite': 'part-rest', 'value': '1000' if r['subject'] == 'fork' and r['value'] == '1234' else r['value']}
            for r in rows
            if r['suite'] == 'part-fixes'
        ]
        said = tables.cover_letter(tables.Rows(rows), 'rest')
        self.assertRegex(said, r'path +before +behind .*\nfork +1234 +1000 +-19.0 %')
        self.assertIn('Changed by less than 1 %: mprotect-ro', said)
        self.assertEqual(tables.table('parts', rows).verdict, 0)
        self.assertEqual(tables.table('parts', [r for r in rows if r['suite'] != 'part-rest' or r['subject'] != 'exit']).verdict, 1)
        for r in rows:
            if r['suite'] == 'part-rest' and r['subject'] == 'fork' and r['metric'] == 'insns':
                r['value'] = '1250'
        made = tables.table('parts', rows)
        self.assertEqual((made.verdict, made.bad), (1, ['fork: 1250 behind rest, 1234 before it']))

    def test_refused(self):
        self.refused([], 'no rows of bench-stock')
        self.refused([r for r in self.rows() if r['subject'] != 'fork'], r'lacks paths \(fork\)')
        self.refused(
            [{**r, 'series': r['series'].replace(results.series_hash(), 'bbbbbbbbbbbb')} for r in self.rows()],
            'not those of this series',
        )


class Native(unittest.TestCase):
    def rows(self, stock, series, nopvops, text=(9, 9, 9)):
        out = []
        for suite, v, t in zip(tables.NATIVE, (stock, series, nopvops), text):
            out += [
                row(suite, 'fork', 'insns_min', v, hypervisor='none'),
                row(suite, '-', 'text', t, hypervisor='none'),
            ]
        return out

    def test_verdicts(self):
        for values, bad in (
            ((200, 190, 190), 0),
            ((200, 196, 190), 1),
            ((190, 192.5, 300), 1),
            ((190, 190.9, 190), 0),
        ):
            self.assertEqual(tables.table('native', self.rows(*values)).verdict, bad, values)
        self.assertEqual(tables.table('native', self.rows(1, 1, 1, (9, 10, 9))).verdict, 1)

    def test_variant(self):
        self.assertEqual(tables.variant_of('6.12.117-stock-nopvops-clang-ibt'), 'clang+ibt')
        self.assertEqual(tables.variant_of('6.12.117-series'), '')


class Mm(unittest.TestCase):
    def rows(self, **got):
        """got: result of case "a" by suite; the program passes, or ends early."""
        out = []
        for suite in tables.MM:
            r = got.get(suite.replace('-', '_'), 'PASS')
            out.append(row(suite, 'cow', 'test', r if r == 'INCOMPLETE' else 'PASS'))
            if r and r != 'INCOMPLETE':
                out.append(row(suite, 'cow: a', 'case', r))
        return out

    def check(self, verdict, text, **got):
        made = tables.table('mm', self.rows(**got))
        self.assertEqual(made.verdict, verdict)
        self.assertIn(text, made.text())

    def test_same(self):
        self.check(0, '1 tests: 1 the same')

    def test_worse(self):
        self.check(1, 'FAIL  cow: a: PASS on stock-xen, FAIL on series-xen', mm_series_xen='FAIL')
        self.check(1, '1 worse', mm_series_bare='SKIP')

    def test_case_is_gone(self):
        self.check(1, 'PASS on stock-xen, - on series-xen', mm_series_xen=None)

    def test_early_death_is_no_pass(self):
        self.check(1, '1 worse', mm_series_xen='INCOMPLETE')
        self.check(
            0, '0 the same, 0 better, 0 worse, 1 incomplete', mm_stock_xen='INCOMPLETE', mm_series_xen='INCOMPLETE'
        )

    def test_better(self):
        self.check(0, '1 better', mm_stock_xen='FAIL')


class Others(unittest.TestCase):
    def foreign(self, subject, stock, series, traps=0.0):
        rows = []
        for suite, insns, t in (
            ('foreign-stock', stock, 1.0),
            ('foreign-poc', stock, 0.0),
            ('foreign-series', series, traps),
        ):
            rows += [row(suite, subject, 'insns', insns), row(suite, subject, 'traps', t)]
        return tables.table('foreign', rows)

    def test_foreign(self):
        for subject, stock, series, word in (
            ('ro unmap 512', 3000, 620, 'PASS'),
            ('ro unmap 512', 3000, 621, 'FAIL'),
            ('ro unmap 32', 3000, 800, 'short'),
            ('ro unmap 32', 3000, 821, 'FAIL'),
            ('gnttab map 512', 1000, 1010, 'PASS'),
            ('gnttab map 512', 1000, 1011, 'FAIL'),
            ('ro map 1', 1000, 1011, 'FAIL'),
        ):
            made = self.foreign(subject, stock, series)
            self.assertEqual(made.rows[0][-1], word, subject)
            self.assertEqual(made.verdict, word == 'FAIL')
        self.assertEqual(self.foreign('ro unmap 512', 3000, 500, 0.1).verdict, 1)

    def test_irqsoff(self):
        rows = [row('irqsoff-stock', 'fork', 'irqsoff', 21), row('irqsoff-series', 'fork', 'irqsoff', 334)]
        made = tables.table('irqsoff', rows)
        self.assertEqual(made.verdict, 0)
        self.assertIn('longest: stock 21 (fork), series 334 (fork)', made.text())
        rows.append(row('irqsoff-series', 'cow', 'irqsoff', 5))
        self.assertIn('cow: not measured in irqsoff-stock', tables.table('irqsoff', rows).text())

    def migrate(self, traps, insns=60e6):
        rows = [
            row('migrate-' + t, 'checkpoint-null', m, v)
            for t, n in zip(('stock', 'series'), traps)
            for m, v in (('insns', insns), ('traps', n), ('hypercalls', 1))
            if v is not None
        ]
        return tables.table('migrate', rows)

    def test_migrate(self):
        self.assertEqual(self.migrate((17864, 0)).verdict, 0)
        self.assertIn('were emulated', self.migrate((17864, 1)).text())
        self.assertIn('were not counted', self.migrate((17864, None)).text())
        self.assertIn('the counter does not count', self.migrate((0, 0)).text())
        self.assertEqual(self.migrate((17864, 0), 81e6).verdict, 1)

    def test_outcomes(self):
        def rows(fast, **more):
            return [
                row(s, case, 'outcome', value)
                for s, value in (('mmu-update-random-debian', 'x'), ('mmu-update-random-fast', fast))
                for case in ('a', more.get('case', 'b') if s.endswith('fast') else 'b')
            ]

        made = tables.table('mmu-update-random', rows('x'))
        self.assertEqual((made.verdict, made.summary[1]), (0, '2 cases on 2 hypervisors, 0 differ'))
        self.assertEqual(tables.table('mmu-update-random', rows('y')).bad, ['a: differs', 'b: differs'])
        self.assertEqual(tables.table('mmu-update-random', rows('x', case='c')).bad, ['b: differs', 'c: differs'])
        with self.assertRaises(results.Refused):
            tables.table('mmu-update-random', rows('x')[:2])

    def test_mutants(self):
        rows = [row('mutant-dropped_clear', '-', 'caught', 1), row('mutant-no_resume', '-', 'caught', 0)]
        made = tables.table('mutants', rows)
        self.assertEqual(made.verdict, 1)
        self.assertIn('FAIL  no_resume: not caught', made.text())

    def test_list_states_each_series(self):
        rows = [
            row(f'races-{n}', '-', 'verdict', 'PASS', series=h) for n, h in ((2, 'aaaaaaaaaaaa'), (4, 'bbbbbbbbbbbb'))
        ]
        self.assertRegex(tables.table('races', rows).text(), r'races-4 .* bbbbbbbbbbbb  2026')


class Page(unittest.TestCase):
    """A page of its own, in a folder of its own."""

    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.saved = pages.DOCS
        self.addCleanup(setattr, pages, 'DOCS', self.saved)
        pages.DOCS = tmp.name
        for name in ('results', 'reliability', 'migrate', 'hypervisor'):
            shutil.copy(os.path.join(self.saved, name + '.md'), tmp.name)

    def rows(self, native='aaaaaaaaaaaa'):
        rows = [r for path in readers.paths() for r in bench(path, (3000, 1), (500, 0))]
        for suite in tables.NATIVE:
            rows += [row(suite, 'fork', 'insns_min', 100, native), row(suite, '-', 'text', 1000, native)]
        return rows

    def test_page_has_the_figures(self):
        pages.write('results', self.rows())
        with open(os.path.join(pages.DOCS, 'results.md')) as f:
            text = f.read()
        self.assertIn('| fork | 3000 | 500 | -83.3 % | 1.000 | 0.000 | 0.0100 | 0.0100 |\n', text)
        self.assertIn('Series aaaaaaaaaaaa, 2026-11-28; Xen 4.17.7; QEMU 7.2, 1 CPU.', text)
        self.assertIsNone(pages.stale('results'))

    def test_each_version_of_xen_has_its_lines(self):
        def ran(xen, insns):
            mine = {**row('mem-paging', 'at once', 'insns', insns), 'hypervisor': f'Xen {xen}-paging'}
            return [mine, {**mine, 'metric': 'pages', 'value': '64'}, {**mine, 'metric': 'xen', 'value': '1400'}]

        def lines():
            with open(os.path.join(pages.DOCS, 'hypervisor.md')) as f:
                return [line for line in f if '| at once |' in line]

        pages.write('hypervisor', ran('4.20.4', '1387') + ran('4.17.5', '1499'))
        self.assertEqual(
            lines(),
            ['| 4.17 | at once | 64 | 1499 | 1400 | - |\n', '| 4.20 | at once | 64 | 1387 | 1400 | - |\n'],
        )
        # one that ran again takes the place of its own only
        pages.write('hypervisor', ran('4.17.7', '1500'))
        self.assertEqual([line.split(' | ')[3] for line in lines()], ['1500', '1387'])
        self.assertIsNone(pages.stale('hypervisor'))

    def test_page_that_was_edited(self):
        pages.write('results', self.rows())
        path = os.path.join(pages.DOCS, 'results.md')
        with open(path) as f:
            text = f.read()
        with open(path, 'w') as f:
            f.write(text.replace('| fork | 3000 | 500 |', '| fork | 3000 | 400 |', 1))
        self.assertGreater(pages.stale('results'), 1)

    def test_mm_on_the_page_is_what_the_cases_say(self):
        def mm(result):
            rows = [
                row(s, subject, metric, 'PASS')
                for s in tables.MM
                for subject, metric in (('cow', 'test'), ('cow: a', 'case'))
            ]
            return rows + [
                row('mm-stock-xen', 'cow: b', 'case', 'PASS'),
                row('mm-series-xen', 'cow: b', 'case', result),
                row('mm-series-xen', 'kernel log: BUG', 'case', 'FAIL'),
            ]

        for result, cell in (
            ('PASS', 'PASS 2/2 | PASS 1/1 | PASS 1/1 | same'),
            ('FAIL', 'PASS 1/2 | PASS 1/1 | PASS 1/1 | WORSE'),
        ):
            pages.write('reliability', mm(result), mixed=True)
            with open(os.path.join(pages.DOCS, 'reliability.md')) as f:
                text = f.read()
            self.assertIn(f'| cow | PASS 2/2 | {cell} |', text)
            self.assertIn('| kernel log | PASS | FAIL | PASS | PASS | WORSE |', text)
        # one suite alone changes nothing
        pages.write('reliability', [row('mm-series-xen', 'cow', 'test', 'PASS', 'bbbbbbbbbbbb')], mixed=True)
        with open(os.path.join(pages.DOCS, 'reliability.md')) as f:
            self.assertEqual(f.read(), text)

    def test_a_run_that_broke_is_not_published(self):
        pages.write('results', self.rows())
        broke = [row('bench-series', 'fork', 'insns', 1), row('bench-series', '-', 'verdict', 'TIMEOUT')]
        pages.write('results', broke)
        with open(os.path.join(pages.DOCS, 'results.md')) as f:
            self.assertIn('| fork | 3000 | 500 |', f.read())
        pages.write('reliability', [row('races-2', '-', 'verdict', 'CRASH'), row('races-2', '-', 'stores', '9')])
        with open(os.path.join(pages.DOCS, 'reliability.md')) as f:
            self.assertIn('| races-2 | CRASH | - | - |', f.read())

    def test_names_that_are_gone(self):
        pages.write('results', self.rows() + bench('frobnicate'))
        self.assertEqual(pages.gone('results'), ['path frobnicate'])
        pages.write(
            'reliability', [row('mutant-nonsense', '-', 'caught', 1), row('mutant-no_resume', '-', 'caught', 1)]
        )
        self.assertEqual(pages.gone('reliability'), ['mutant-nonsense'])

    def test_other_series_is_refused(self):
        with open(os.path.join(pages.DOCS, 'results.md')) as f:
            before = f.read()
        with self.assertRaises(results.Refused) as e:
            pages.write('results', self.rows(native='bbbbbbbbbbbb'))
        self.assertEqual(e.exception.status, 19)
        self.assertRegex(str(e.exception), 'would mix series .*aaaaaaaaaaaa.*bbbbbbbbbbbb: native')
        with open(os.path.join(pages.DOCS, 'results.md')) as f:
            self.assertEqual(f.read(), before)
        self.assertFalse(os.path.exists(pages.figures_of('results')))
        # when it is asked for, each table states its own
        pages.write('results', self.rows(native='bbbbbbbbbbbb'), mixed=True)
        with open(os.path.join(pages.DOCS, 'results.md')) as f:
            self.assertIn('Series bbbbbbbbbbbb', f.read())

    def test_one_table_of_two_series(self):
        rows = [
            row('migrate-series', 'save', 'insns', 8),
            {**row('migrate-stock', 'save', 'insns', 9), 'series': 'bbbbbbbbbbbb'},
        ]
        with self.assertRaises(results.Refused) as e:
            tables.table('migrate', rows)
        self.assertEqual(e.exception.status, 19)

    def test_a_suite_that_ran_takes_the_place_of_its_rows(self):
        first = [
            row('races-2', '-', 'verdict', 'PASS'),
            row('races-2', '-', 'stores', '7'),
            row('races-4', '-', 'verdict', 'PASS'),
        ]
        again = [row('races-2', '-', 'verdict', 'PASS', 'bbbbbbbbbbbb')]
        pages.write('reliability', first, mixed=True)
        pages.write('reliability', again, mixed=True)
        kept = results.load(pages.figures_of('reliability'))
        self.assertEqual(
            [(r['suite'], r['metric'], r['series'][0]) for r in kept],
            [('races-4', 'verdict', 'a'), ('races-2', 'verdict', 'b')],
        )

    def test_too_few_repeats(self):
        with self.assertRaises(results.Refused) as e:
            pages.write(
                'results', self.rows() + [row('bench-series', '-', 'pages', '2048, repeats: 3, after one warm-up')]
            )
        self.assertIn('bench-series has 3 repeats', str(e.exception))

    def test_paths_are_missing(self):
        with self.assertRaises(results.Refused) as e:
            pages.write('results', [r for r in self.rows() if r['subject'] != 'cow'])
        self.assertRegex(str(e.exception), r'paths were not measured \(cow\)')


class Command(unittest.TestCase):
    """scripts/report/report as it is called."""

    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.path = os.path.join(tmp.name, 'results.tsv')

    def call(self, *args):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = report.main(['-f', self.path, *args])
            except SystemExit as e:  # of argparse
                status = e.code
        return status, out.getvalue(), err.getvalue()

    def test_as_a_program(self):
        done = subprocess.run([REPORT, '-f', self.path, 'table', 'bench'], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr.count('\n')), (17, 1))

    def test_refusals(self):
        self.assertEqual(self.call('table', 'bench')[0], 17)
        results.record(bench(), self.path)
        self.assertEqual(self.call('table', 'bench')[0], 0)
        for args, status, text in (
            (('table', 'nonsense'), 2, "no table 'nonsense'; there are: bench"),
            (('markdown', 'nonsense'), 2, "no page 'nonsense'"),
            (('table', 'races'), 17, 'has run'),
        ):
            got, _, said = self.call(*args)
            self.assertEqual((got, said.count('\n')), (status, 1))
            self.assertIn(text, said)
        with open(self.path, 'a') as f:
            f.write('cut sho')
        got, _, said = self.call('table', 'bench')
        self.assertEqual(got, 3)
        self.assertRegex(said, r'^report: .*results.tsv:\d+: cut short.*; delete it')

    def test_read(self):
        folder = os.path.dirname(self.path)
        with open(os.path.join(folder, 'races.tap'), 'w') as f:
            f.write('TAP version 13\n1..2\nok 1 zap\n')
        self.assertEqual(
            self.call('read', 'races', folder)[:2],
            (3, 'test  result  cases  why\n\nINCOMPLETE: races.tap: 1 of 2 cases\n'),
        )
        self.assertEqual(self.call('read', 'nonsense', folder)[0], 2)

    def test_help(self):
        for verb in ([], ['table'], ['markdown'], ['html'], ['junit'], ['json'], ['read'], ['cover-letter']):
            got, said, _ = self.call(*verb, '--help')
            self.assertEqual((got, said[:6]), (0, 'usage:'))

    def test_junit(self):
        results.record(
            [
                row('kselftest-xen', 'xen_pv:one: a', 'case', 'PASS'),
                row('kselftest-xen', 'xen_pv:one: b', 'case', 'FAIL'),
                row('kselftest-xen', 'xen_pv:one: b', 'why', 'want 1 < 2 & got it'),
                row('kselftest-xen', 'xen_pv:two: two', 'case', 'SKIP'),
                row('kselftest-xen', '-', 'verdict', 'FAIL'),
                row('races-2', '-', 'verdict', 'TIMEOUT'),
            ],
            self.path,
        )
        got, said, _ = self.call('junit')
        self.assertEqual(got, 0)
        suites = {s.get('name'): s for s in ET.fromstring(said)}
        first = suites['kselftest-xen']
        self.assertEqual([first.get(k) for k in ('tests', 'failures', 'skipped')], ['3', '1', '1'])
        self.assertEqual(first.find('.//failure').text, 'want 1 < 2 & got it')
        self.assertEqual(suites['races-2'].get('failures'), '1')


if __name__ == '__main__':
    unittest.main()
