#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The results file: rows that are replaced, and files that are refused."""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import results  # noqa: E402


def record_one(args):
    path, n = args
    results.record([dict(suite='s', subject=str(n), metric='m', value=n)], path)


class Results(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.path = os.path.join(tmp.name, 'results.tsv')

    def record(self, **row):
        results.record([{'suite': 's', 'subject': 'a', 'metric': 'm', 'value': 1, **row}], self.path)

    def refused(self, status, text):
        with self.assertRaises(results.Refused) as e:
            results.load(self.path)
        self.assertEqual(e.exception.status, status)
        self.assertRegex(str(e.exception), text)
        self.assertNotIn('\n', str(e.exception))

    def test_row_takes_the_place_of_its_like(self):
        self.record()
        self.record(subject='b')
        self.record(value=2)
        self.record(value=3, kernel='6.12-stock')
        self.record(value=4, hypervisor='none')
        rows = results.load(self.path)
        self.assertEqual([(r['subject'], r['value']) for r in rows], [('b', '1'), ('a', '2'), ('a', '3'), ('a', '4')])
        with open(self.path[:-3] + 'json') as f:
            self.assertEqual(json.load(f), rows)

    def test_order_is_kept(self):
        results.record([dict(suite='s', subject=s, metric='m', value=1) for s in 'zay'], self.path)
        self.assertEqual([r['subject'] for r in results.load(self.path)], list('zay'))

    def test_what_is_missing_is_filled_in(self):
        self.record(kernel='6.12.117-series')
        self.record(kernel='6.12.117-stock')
        series, stock = results.load(self.path)
        self.assertEqual(series['series'], results.series_hash())
        self.assertEqual(stock['series'], '-')
        self.assertRegex(series['date'], r'^\d{4}-\d\d-\d\d$')

    def test_text_stays_in_its_cell(self):
        self.record(value='a\tb\nc', unit='')
        row = results.load(self.path)[0]
        self.assertEqual((row['value'], row['unit']), ('a b c', '-'))

    def test_unknown_column(self):
        with self.assertRaises(ValueError):
            self.record(valeu=1)

    def test_no_file(self):
        self.refused(17, 'no .*results.tsv; run: make bench')

    def test_cut_short(self):
        self.record()
        self.record(subject='b')
        with open(self.path) as f:
            text = f.read()
        header = text.index('\n') + 1
        for end in range(len(text)):
            with open(self.path, 'w') as f:
                f.write(text[:end])
            if end == header or text[:end].endswith('\n') and end > header:
                results.load(self.path)  # whole lines: nothing to be seen
            else:
                self.refused(3, r'results.tsv:\d+: .*; delete it and run the suites again')

    def test_columns(self):
        self.record()
        with open(self.path, 'a') as f:
            f.write('s\ta\tm\n')
        self.refused(3, r'results.tsv:3: 3 columns, not 10')
        # nothing is added to what is refused
        with self.assertRaises(results.Refused):
            self.record()

    def test_many_writers(self):
        with multiprocessing.Pool(4) as pool:
            pool.map(record_one, [(self.path, n) for n in range(16)])
        self.assertEqual(sorted(int(r['subject']) for r in results.load(self.path)), list(range(16)))

    def test_hash_is_that_of_the_shell(self):
        said = subprocess.run(
            ['bash', '-c', f'. "{results.TOP}/scripts/lib/base.sh"; lib series; series_code'],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.assertEqual(results.series_hash(), said[:12])

    def test_hash_without_a_series(self):
        with self.assertRaises(results.Refused) as e:
            results.series_hash('/nonexistent')
        self.assertEqual(e.exception.status, 16)


if __name__ == '__main__':
    unittest.main()
