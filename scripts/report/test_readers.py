#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What the readers make of the files of a boot, whole and cut short."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import readers  # noqa: E402

KSELFTEST = """\
TAP version 13
1..3
# selftests: xen_pv: one
# TAP version 13
# 1..3
# #  RUN           works ...
# #            OK  works
# ok 1 works
# # t.c:7: want 1 < 2 & got it
# not ok 2 breaks
# ok 3 other # SKIP not here
# # Totals: pass:1 fail:1 xfail:0 xpass:0 skip:1 error:0
# took 1.00 to 2.00, guest seconds
not ok 1 selftests: xen_pv: one # exit=1
# selftests: xen_pv: two
# 1..0 # SKIP no Xen
ok 2 selftests: xen_pv: two # SKIP
# selftests: xen_pv: three
# Segmentation fault
not ok 3 selftests: xen_pv: three # exit=139
"""

GOOD = """\
TAP version 13
1..1
# selftests: xen_pv: pt_ops
# TAP version 13
# 1..2
# ok 1 a
# ok 2 b
# # Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0
ok 1 selftests: xen_pv: pt_ops
"""

RACES = """\
TAP version 13
1..2
# Starting 2 tests from 2 test cases.
#  RUN           zap.munmap ...
# munmap: raced pages 40, stores 900, lost writes 0, lost dirty 0, stale mappings 0
ok 1 zap.munmap
#  RUN           zap.dontneed ...
# dontneed: raced pages 60, stores 100, lost writes 0, lost dirty 2, stale mappings 0
ok 2 zap.dontneed
# total: raced pages 100, stores 1000, lost writes 0, lost dirty 2, stale mappings 0
# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0
"""

FAULTS = """\
TAP version 13
1..2
ok 1 mprotect_ro.anon
ok 2 munmap.anon
# pages 1232, injected 6, reported 6
# Totals: pass:2 fail:0 xfail:0 xpass:0 skip:0 error:0
"""

PTBENCH = """\
# kernel: 6.12.117-series
# unit: insn
path	id	pages	repeats	median	min	max	traps	hypercalls	status	note
munmap-anon	3	2048	5	1124.00	1124.00	1126.00	-	-	ok	-
fork	7	-	0	-	-	-	-	-	SKIP	no memory
"""

PTCOUNT = """\
path	id	repeat	kind	pages	insns	xen	kernel	user	traps	hypercalls
munmap-anon	3	0	warmup	2048	1	1	1	1	9	9
munmap-anon	3	1	plain	2048	2301952	993280	1308672	0	0	18
munmap-anon	3	2	plain	2048	2301952	995328	1308672	0	0	18
munmap-anon	3	3	plain	2048	2301952	999999	1308672	0	0	18
# end
"""

MM = """\
=== cow
1..2
ok 1 a
ok 2 b
=== exit 0, 3 s
=== uffd-unit-tests
Testing UFFDIO_API (with syscall)... done
Testing register-ioctls on anon... failed [reason]
=== exit 1, 9 s
=== soft-dirty
TAP version 13
1..15
ok 1 Test test_simple
=== exit 1, 1 s
=== end
"""

STRESS_TSV = 'stressor\tresult\nvm\tPASS\nswap\tSKIP\n# end\n'
STRESS_LOG = """\
=== vm, exit 0
stress-ng: metrc: [77] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s
stress-ng: metrc: [77] vm                94184     10.25      9.00      1.00      9188.68        9418.40
=== swap, exit 3
"""




MGLRU = (
    'what\tvalue\nmemory\t200\nfile\t260\nrounds\t3\nrounds_anon\t4\n'
    'generation\t9\nstolen\t1234\nrefaulted\t56\nswapped_out\t7\n# end\n'
)
IRQSOFF = (
    'path\tstatus\tlongest\tfrom\tto\nmunmap-anon\t0\t37\tx\ty\nfork\t0\t402\ta\tb\n'
    'ksm-merge\t4\t0\t-\t-\n# end\n'
)


class Readers(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name
        self.args('')

    def args(self, args):
        self.file('qemu.cmd', f'qemu-system-x86_64 -smp 1 -append "ptjob=x \\"ptargs={args}\\""\n')

    def file(self, name, text):
        with open(os.path.join(self.dir, name), 'w') as f:
            f.write(text)

    def read(self, job, **files):
        for name, text in files.items():
            self.file(name.replace('_', '.'), text)
        rows, found = readers.read(job, self.dir)
        return {(s, m): str(v) for s, m, v, _ in rows}, found

    def cut(self, job, name, text, **files):
        """However short the file, it is incomplete."""
        for name_, text_ in files.items():
            self.file(name_.replace('_', '.'), text_)
        lines = text.splitlines(keepends=True)
        for n in range(len(lines)):
            for tail in ('', lines[n][: max(1, len(lines[n]) // 2)]):
                self.file(name, ''.join(lines[:n]) + tail)
                _, found = readers.read(job, self.dir)
                self.assertTrue(found.startswith(readers.INCOMPLETE), f'{n} lines and {tail!r}: {found}')

    def test_kselftest(self):
        rows, found = self.read('selftest', kselftest_tap=KSELFTEST)
        self.assertEqual(found, '1 case passed, 2 failed, 2 skipped')
        self.assertEqual(rows['-', 'tests_failed'], '2')
        self.assertEqual(rows['-', 'tests_skipped'], '1')
        self.assertEqual(rows['xen_pv:one: breaks', 'case'], 'FAIL')
        self.assertIn('want 1 < 2 & got it', rows['xen_pv:one: breaks', 'why'])
        self.assertEqual(rows['xen_pv:two', 'why'], 'no Xen')
        self.assertEqual(rows['xen_pv:three: three', 'case'], 'FAIL')

    def test_kselftest_cut(self):
        self.assertEqual(self.read('selftest', kselftest_tap=GOOD)[1], '2 cases passed')
        self.cut('selftest', 'kselftest.tap', GOOD)
        self.cut('selftest', 'kselftest.tap', KSELFTEST)

    def test_kselftest_says_ok_too_soon(self):
        _, found = self.read('selftest', kselftest_tap=GOOD.replace('# ok 2 b\n', ''))
        self.assertEqual(found, 'INCOMPLETE: xen_pv:pt_ops ends early and says ok: 1 of 2 cases')

    def test_none(self):
        for job in readers.READERS:
            self.assertTrue(readers.read(job, self.dir)[1].startswith(readers.INCOMPLETE), job)

    def test_domu(self):
        self.file('domu-before.tap', GOOD)
        self.assertIn('no domu-after.tap', self.read('domu-selftest')[1])
        self.file('domu-after.tap', GOOD)
        rows, found = self.read('domu-selftest')
        self.assertEqual(found, 'before the restore: 2 cases passed; after the restore: 2 cases passed')
        self.assertEqual(rows['after', 'passed'], '2')

    def test_races(self):
        rows, found = self.read('races', races_tap=RACES)
        self.assertEqual(found, '100 pages raced, 2 lost')
        self.assertEqual(rows['zap.dontneed', 'lost_dirty'], '2')
        self.assertEqual(rows['-', 'stores'], '1000')
        lines = RACES.splitlines(keepends=True)
        self.cut('races', 'races.tap', ''.join(lines[:-1]))

    def test_one(self):
        self.args('pt_ops -r a+pt_traps')
        self.assertTrue(self.read('one', one_tap=FAULTS)[1].startswith(readers.INCOMPLETE))
        self.assertEqual(self.read('one', one_tap=FAULTS * 2)[1], '4 cases passed')
        self.cut('one', 'one.tap', FAULTS * 2)
        self.assertEqual(self.read('one', one_tap='TAP version 13\n1..9\nnot ok 1 zap.anon\n')[1], 'failed: zap.anon')

    def test_faults(self):
        rows, found = self.read('faults', faults_tap=FAULTS)
        self.assertEqual(found, '1,232 pages, 6 updates refused, 6 reported')
        self.cut('faults', 'faults.tap', ''.join(FAULTS.splitlines(keepends=True)[:-1]))
        self.args('pt_ops pt_races')
        self.assertIn('no kselftest.tap', self.read('faults', faults_tap=FAULTS)[1])
        self.assertIn('2 cases passed', self.read('faults', kselftest_tap=GOOD)[1])

    def test_mmu_update(self):
        head, end = 'case\tresult\toutcome\twhy\n', '# cases\t2\n'
        good = head + 'a\tPASS\t0 after 1\t-\nb\tPASS\t-16 after 2\t-\n'
        self.file('mmu-update.tsv', good + end)
        rows, found = self.read('mmu-update')
        self.assertEqual((found, rows['b', 'outcome']), ('2 cases, 0 failed', '-16 after 2'))
        self.cut('mmu-update', 'mmu-update.tsv', good)
        bad = good.replace('2\t-\n', '2\tdid 2, not 1\n').replace('b\tPASS', 'b\tFAIL')
        self.file('mmu-update.tsv', bad + end)
        self.assertIn('1 failed; first: b: did 2, not 1', self.read('mmu-update')[1])

    def test_bench(self):
        self.args('--paths munmap-anon,fork')
        rows, found = self.read('bench', ptbench_tsv=PTBENCH, ptcount_tsv=PTCOUNT)
        self.assertEqual(found, '1 of 2 paths measured, 0 with trapped writes')
        self.assertEqual(rows['munmap-anon', 'insns'], '1124.00')
        self.assertEqual(rows['munmap-anon', 'xen'], '486.0000')
        self.assertEqual(rows['munmap-anon', 'run_hypercalls'], '18')
        self.assertEqual(rows['fork', 'note'], 'no memory')
        self.cut('bench', 'ptcount.tsv', PTCOUNT)
        self.cut('bench', 'ptbench.tsv', PTBENCH, ptcount_tsv=PTCOUNT)

    def test_bench_all_paths_are_wanted(self):
        self.assertIn('of 44 paths missing', self.read('bench', ptbench_tsv=PTBENCH)[1])

    def test_mm(self):
        rows, found = self.read('mm', mm_log=MM)
        self.assertEqual(found, '1 of 3 programs pass, 0 fail, 0 skip, 2 end early')
        self.assertEqual(rows['uffd-unit-tests', 'test'], 'INCOMPLETE')
        self.assertEqual(rows['soft-dirty', 'test'], 'INCOMPLETE')
        self.assertEqual(rows['cow: b', 'case'], 'PASS')
        self.cut('mm', 'mm.log', MM)

    def test_stress(self):
        rows, found = self.read('stress', stress_tsv=STRESS_TSV, stress_log=STRESS_LOG)
        self.assertEqual(found, '1 of 2 stressors verified their data, skipped: swap')
        self.assertEqual(rows['vm', 'operations'], '94184')
        self.assertEqual(rows['vm', 'seconds'], '10.25')
        self.cut('stress', 'stress.tsv', STRESS_TSV)
        self.file('stress.tsv', STRESS_TSV)
        self.assertIn('no metrics of vm', self.read('stress', stress_log='=== vm, exit 0\n')[1])

    def test_mem_paging(self):
        said = '  ok    not populated\n  FAIL  mixed: EBUSY at 3\n'
        self.args('cases')
        rows, found = self.read('mem-paging', console_log=said)
        self.assertEqual(found, '1 case passed, 1 failed')
        self.assertEqual(rows['mixed', 'why'], 'EBUSY at 3')
        self.args('figures cases --pages 64')
        tsv = 'id\tway\tpages\tunit\tcost\n' + ''.join(
            f'{224 + i}\tway {i}\t64\tinsn\t{cost}\n' for i, cost in enumerate((9000, 900, 6000, 1000))
        )
        rows, found = self.read('mem-paging', console_log=said, figures_tsv=tsv)
        self.assertEqual(found, '9000 -> 900 insn a page; 1 case passed, 1 failed')
        self.assertEqual(rows['-', 'ratio'], '10.00')
        self.cut('mem-paging', 'figures.tsv', tsv)

    def test_churn(self):
        log = STRESS_LOG + 'stress-ng: info:  [77] successful run completed in 10.30s\n'
        self.assertEqual(self.read('churn', churn_log=log)[1], 'vm 94,184 operations in 10 s')
        self.cut('churn', 'churn.log', log)
        self.assertTrue(
            self.read('churn', churn_log='stress-ng: fail:  [7] vm: bit error\n' + log)[1].startswith('failed: ')
        )

    def test_cycle(self):
        self.args('96 3')
        self.file('console.log', 'x\n')
        self.assertIn('saved and restored 2 times of 3', self.read('cycle', cycle_count='2\n')[1])
        self.assertEqual(self.read('cycle', cycle_count='3\n')[1], 'saved and restored 3 times')
        self.assertEqual(
            self.read('cycle', console_log='cycle: round 3: xl save: no\n')[1], 'failed: round 3: xl save: no'
        )

    def test_balloon(self):
        self.file('balloon.count', '7\n')
        self.assertEqual(self.read('balloon', races_tap=RACES)[1], 'down and up 7 times; 100 pages raced, 2 lost')
        self.assertIn('INCOMPLETE', self.read('balloon', races_tap=GOOD)[1])

    def test_latency(self):
        waits = 'times\tlongest\tmean\n500\t312\t41\n'
        rows, found = self.read('latency', latency_tsv=waits)
        self.assertEqual(rows['-', 'longest'], '312')
        self.assertEqual(found, 'woken 500 times, at most 312 us late, 41 us in the mean')
        self.cut('latency', 'latency.tsv', waits)

    def test_disk(self):
        self.args('128 6')
        self.file('console.log', 'x\n')
        self.assertIn('attached and detached 5 times of 6', self.read('disk', disk_count='5\n', races_tap=RACES)[1])
        self.assertEqual(
            self.read('disk', disk_count='6\n')[1], 'attached and detached 6 times; 100 pages raced, 2 lost'
        )
        self.assertIn('INCOMPLETE', self.read('disk', races_tap=GOOD)[1])
        said = 'disk: round 3: xl block-detach: no\n'
        self.assertEqual(self.read('disk', console_log=said)[1], 'failed: round 3: xl block-detach: no')

    def test_mglru(self):
        self.args('3')
        logs = {'file_log': 'guestmem: round 3 writes 9 ok\n', 'anon_log': 'guestmem: round 4 writes 9 ok\n'}
        rows, found = self.read('mglru', mglru_tsv=MGLRU, **logs)
        self.assertEqual(
            found, 'a file of 260 MiB in a memory of 200 MiB, 3 rounds; 1,234 pages reclaimed, 56 came back'
        )
        self.assertEqual(rows['-', 'generation'], '9')
        self.cut('mglru', 'mglru.tsv', MGLRU)
        self.args('4')
        self.assertIn('3 rounds of the file and 4 of the memory, of 4', self.read('mglru', mglru_tsv=MGLRU)[1])
        logs['file_log'] = 'guestmem: LOST: page 5 is damaged\n'
        self.assertTrue(self.read('mglru', **logs)[1].startswith('failed: guestmem: LOST'))

    def test_irqsoff(self):
        rows, found = self.read('irqsoff', irqsoff_tsv=IRQSOFF)
        self.assertEqual(found, '2 paths, the longest 402 thousand instructions (fork)')
        self.assertEqual(rows['munmap-anon', 'irqsoff'], '37')
        self.assertEqual(rows['fork', 'irqsoff_at'], 'a to b')
        self.assertEqual(rows['ksm-merge', 'status'], 'SKIP')
        self.cut('irqsoff', 'irqsoff.tsv', IRQSOFF)
        self.assertIn('failed: fork', self.read('irqsoff', irqsoff_tsv=IRQSOFF.replace('fork\t0', 'fork\t1'))[1])

    def test_every_job_has_a_reader(self):
        # these are of others, or leave nothing that is judged
        none = {'both', 'busy', 'disk-guest', 'exec', 'guestmem', 'wake', 'selftest-resume', 'shell'}
        jobs = set(os.listdir(os.path.join(readers.results.TOP, 'tools-testing/guest/jobs')))
        self.assertEqual(jobs - none, {j for j in readers.READERS if j in jobs})
        self.assertEqual(set(readers.READERS) - jobs, set())

    def test_migrate(self):
        steps = 'step\tstatus\tround\twrites\nguest-boot\t0\t1\t5\ndestroy\t0\t9\t70\n'
        counted = (
            'path\trepeat\tkind\tpages\tinsns\txen\tkernel\tuser\ttraps\thypercalls\tmmu_update\n'
            'save\t1\tplain\t4\t9\t3\t3\t3\t0\t2\t1\nsave\t2\tplain\t4\t9\t3\t3\t3\t-\t2\t1\n# end\n'
        )
        rows, found = self.read('migrate', steps_tsv=steps, ptcount_tsv=counted)
        self.assertEqual(found, '2 steps, the guest checked 70 writes')
        self.assertEqual(rows['save', 'insns'], '18')
        self.assertIn('ends with guest-boot', self.read('migrate', steps_tsv=steps[: steps.index('destroy')])[1])

    def test_clean_record(self):
        rows, found = self.read('clean-record', console_log='x\nclean_record: 64 of 64 dirty, then 0\n')
        self.assertEqual((found, rows['-', 'dirty_after']), ('64 of 64 dirty, then 0', '0'))
        self.assertTrue(self.read('clean-record', console_log='x\n')[1].startswith(readers.INCOMPLETE))

    def test_smoke(self):
        self.args('--paths munmap-anon,fork')
        said = 'munmap-anon          ok, 64 pages\n'
        self.assertIn('1 paths did not run: fork', self.read('smoke', console_log=said)[1])
        self.assertEqual(
            self.read('smoke', console_log=said + 'fork                 FAIL: wrong\n')[1],
            '1 of 2 paths keep their data; failed: fork',
        )


if __name__ == '__main__':
    unittest.main()
