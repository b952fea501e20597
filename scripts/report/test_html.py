#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The HTML page: figures, pictures, what is missing, and nothing from elsewhere."""

import contextlib
import io
import os
import re
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import html_page  # noqa: E402
import results  # noqa: E402
import tables  # noqa: E402
from test_tables import bench, row  # noqa: E402

COUNTER = (
    ''.join(
        f'total\tall\t\t{m}\t{v}\t{v}.0\n'
        for m, v in (('trapped_writes', 4000), ('hypercalls', 7), ('lost_records', 0))
    )
    + 'function\tzap_<pte>\t\ttrapped_writes\t4000\t9.0\nbatch\t1\t\tcalls\t90\t1.0\nbatch\t512\t\tcalls\t20\t1.0\n'
)
PROFILE = 'path\tid\trepeat\tpages\twhere\tsymbol\tinsns\tper_page\n' + ''.join(
    f'fork\t7\t{run}\t2048\txen\tfunction_{i}\t1\t{100 - i}.000\n' for run in (1, 2) for i in range(30)
)


@unittest.skipUnless(shutil.which('gnuplot'), 'no gnuplot')
class Page(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir, self.out = tmp.name, os.path.join(tmp.name, 'report')
        self.addCleanup(setattr, results, 'RESULTS', results.RESULTS)
        results.RESULTS = tmp.name

    def page(self, rows):
        with contextlib.redirect_stderr(io.StringIO()):
            html_page.write(rows, self.out)
        with open(os.path.join(self.out, 'report.html'), encoding='utf-8') as f:
            return f.read()

    def rows(self):
        return bench('munmap-anon', (1200, 1), (345, 0)) + [
            row(s, 'fork', m, v)
            for s in ('bench-stock', 'bench-series')
            for m, v in (('status', 'SKIP'), ('note', 'no <memory>'))
        ]

    def test_without_results(self):
        with self.assertRaises(results.Refused) as e:
            html_page.write([], self.out)
        self.assertEqual(e.exception.status, 17)
        self.assertFalse(os.path.exists(self.out))

    def test_figures(self):
        text = self.page(self.rows())
        for wanted in (
            '1 path, median change -71.2 %',
            '1200.*345.*-71.2 %',
            'no &lt;memory&gt;',
            '<img [^>]*base64,[A-Za-z0-9+/=]{1000,}"',
            'Series aaaaaaaaaaaa',
            'run <code>make suite G=native',
            'run <code>make suite S=counter',
            'run <code>make profile',
            '</html>',
        ):
            self.assertTrue(re.search(wanted, text), wanted)
        self.assertIsNone(re.search(r'(src|href)="?(http|/)|<script', text), 'not complete in itself')
        with open(os.path.join(self.out, 'cost.png'), 'rb') as f:
            self.assertEqual(f.read(4), b'\x89PNG')

    def test_all_parts(self):
        for side in ('stock', 'series'):
            for folder, files in (
                (
                    'counter-',
                    {
                        'status.tsv': ''.join(f'{n}\t0\n' for n in ('forks', 'idle', 'unmap', 'batch-fork')),
                        **{n + '.tsv': COUNTER for n in ('forks', 'idle', 'unmap', 'batch-fork')},
                        'screen.txt': 'xen-pttop 01:02:03\nold\nxen-pttop 01:02:04\nnew <x>\n',
                    },
                ),
                ('profile-', {'ptcount.tsv.prof': PROFILE}),
            ):
                os.makedirs(os.path.join(self.dir, folder + side))
                for name, text in files.items():
                    with open(os.path.join(self.dir, folder + side, name), 'w') as f:
                        f.write(text)
        rows = self.rows()
        for suite in tables.NATIVE:
            rows += [row(suite, 'fork', 'insns_min', 100), row(suite, '-', 'text', 1000)]
        text = self.page(rows)
        self.assertNotIn('Not measured', text)
        self.assertEqual(
            sorted(os.listdir(self.out)), ['batches.png', 'cost.png', 'native.png', 'profile-fork.png', 'report.html']
        )
        for wanted in (
            'zap_&lt;pte&gt; (4000)',
            'new &lt;x&gt;',
            '2565 instructions a page on stock',
            'The 12 not shown',
        ):
            self.assertIn(wanted, text)
        self.assertNotIn('old', text)

    def test_two_series(self):
        rows = [{**r, 'series': 'bbbbbbbbbbbb'} if r['suite'] == 'bench-stock' else r for r in self.rows()]
        with self.assertRaises(results.Refused) as e:
            self.page(rows)
        self.assertEqual(e.exception.status, 19)
        self.assertFalse(os.path.exists(self.out))


if __name__ == '__main__':
    unittest.main()
