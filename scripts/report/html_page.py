# SPDX-License-Identifier: GPL-2.0
"""One HTML page, complete in itself, with pictures: what the benchmark, the live
counter and profiles have found. A part whose figures are missing says what to run.
"""

import base64
import html
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pages  # noqa: E402
import readers  # noqa: E402
import results  # noqa: E402
import tables  # noqa: E402

STYLE = """
body { font: 16px/1.5 sans-serif; color: #1c2127; max-width: 960px; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.7em; line-height: 1.2; } h2 { margin-top: 2.2em; border-bottom: 1px solid #ccd; }
img { max-width: 100%; height: auto; display: block; margin: .5em 0; } code { font-size: .92em; }
table { border-collapse: collapse; font-size: .82em; margin: 1em 0; }
th, td { padding: .15em .5em; text-align: left; border-bottom: 1px solid #e3e6ea; vertical-align: top; }
th { border-bottom: 2px solid #99a; } .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td:first-child { white-space: nowrap; } .what { color: #556; display: block; white-space: normal; min-width: 17em; }
.wide { overflow-x: auto; } pre { background: #f4f6f8; padding: .8em; font-size: .8em; line-height: 1.3; overflow-x: auto; }
.gap { background: #fff4e0; padding: .5em .8em; } .of { color: #667; font-size: .85em; }
"""
# What all pictures share. Stock is grey, the series blue.
GNUPLOT = """
set terminal {terminal}
set output '{out}'
stock = '#a9b1ba'; series = '#0b66c3'
set datafile separator tab
set style fill solid 1.0 noborder; set tics nomirror scale 0.5; set border 1 lc '#555555'
set grid x lc '#dddddd' lw 1 lt 1; set key noenhanced
"""


class Gap(Exception):
    """A part has no figures; the command that makes them."""


class Pictures:
    """Made by gnuplot: PNG files in a folder, SVG for the page."""

    def __init__(self, folder):
        self.folder, self.names = folder, []

    def draw(self, name, alt, width, height, commands, *data):
        """data: lists of rows; commands name them as {0}, {1} ..."""
        with tempfile.TemporaryDirectory() as tmp:
            files = []
            for i, rows in enumerate(data):
                files.append(os.path.join(tmp, f'{i}.dat'))
                with open(files[-1], 'w', encoding='utf-8') as f:
                    f.writelines('\t'.join(map(str, row)) + '\n' for row in rows)
            for kind, terminal in (
                ('svg', f"svg size {width},{height} font 'sans-serif,13' noenhanced background 'white'"),
                (
                    'png',
                    f"pngcairo size {width * 3 // 2},{height * 3 // 2} fontscale 1.5 linewidth 1.5 "
                    "font 'sans-serif,10' noenhanced background 'white'",
                ),
            ):
                out = os.path.join(tmp, name + '.' + kind)
                done = subprocess.run(
                    ['gnuplot'],
                    capture_output=True,
                    text=True,
                    input=GNUPLOT.format(terminal=terminal, out=out) + commands.format(*files),
                )
                if done.returncode or not os.path.exists(out) or not os.path.getsize(out):
                    said = (done.stderr.strip().splitlines() or ['no picture'])[-1]
                    raise results.Refused(
                        results.ERROR, f'gnuplot made no {name}: {said}; is gnuplot-nox installed (make deps)?'
                    )
            shutil.copy(os.path.join(tmp, name + '.png'), self.folder)
            self.names.append(name + '.png')
            with open(os.path.join(tmp, name + '.svg'), 'rb') as f:
                return f'<img alt="{html.escape(alt)}" src="data:image/svg+xml;base64,{base64.b64encode(f.read()).decode()}">\n'


def as_html(t, what=()):
    """A Table; what: words to put below the first cell, by its text."""
    what = dict(what)
    names = [c.replace(': ', ', ') for c in t.columns]
    lines = [
        '<div class=wide><table><tr>'
        + ''.join(f'<th{"" if left else " class=n"}>{html.escape(n)}' for n, left in zip(names, t.left))
    ]
    for row in t.rows:
        cells = []
        for i, (cell, left) in enumerate(zip(row, t.left)):
            more = f' <span class=what>{html.escape(what[cell])}</span>' if i == 0 and cell in what else ''
            cells.append(f'<td{"" if left else " class=n"}>{html.escape(cell)}{more}')
        lines.append('<tr>' + ''.join(cells))
    return '\n'.join(lines) + '</table></div>\n'


def stated(rows, suites):
    hash_, dates = rows.ran_on(suites)
    return f'<p class=of>{html.escape(pages.stated(hash_, dates, [rows.info[s] for s in suites]))}</p>\n'


def bars(rows, unit, margin='21'):
    return (
        f'set lmargin {margin}; set rmargin 20; set bmargin 4; set tmargin 3\n'
        f'set yrange [{len(rows) + 0.6}:0.4]; set xlabel "{unit}"; set key above left\n'
    )


# ---- the parts, in the order of the page; each takes (all rows, pictures)


def cost(all_rows, draw):
    rows = tables.Rows(all_rows)
    a, b = pages.SIDES
    t = tables.bench(rows)
    data = []
    for path in rows.subjects(pages.SIDES, ['insns']):
        before, after, traps = rows.num(a, path, 'insns'), rows.num(b, path, 'insns'), rows.num(a, path, 'traps')
        if before and after:
            data.append(
                (after * 100 / before, path, int(traps is not None and traps > 0.01), f'{before:.0f} → {after:.0f}')
            )
    data.sort()
    text = ''.join(f'<p>{html.escape(line)}</p>\n' for line in t.summary if line)
    text += ''.join(f'<p class=gap>{html.escape(line)}</p>\n' for line in t.bad)
    measured = tables.Table(['measured on', 'stock<', 'series<'])
    for metric in ('kernel', 'hypervisor', 'cpus', 'unit', 'pages'):
        measured.add(metric, *(rows.get(s, '-', metric) for s in pages.SIDES))
    text += as_html(measured) + draw(
        'cost',
        'Instructions a page with the series, of stock, by path',
        960,
        90 + 19 * len(data),
        bars(data, 'instructions a page with the series, stock = 100 %')
        + """
        set xrange [0:108]; set xtics 20 format "%g %%"
        set arrow from 100,graph 0 to 100,graph 1 nohead lc "#555555" front
        plot "{0}" using (0):($0+1):(0):($3 == 1 ? $1 : 1/0):($0+0.64):($0+1.36):ytic(2) with boxxyerror lc rgb series title "trapped on stock", \\
            "" using (0):($0+1):(0):($3 == 0 ? $1 : 1/0):($0+0.64):($0+1.36) with boxxyerror lc rgb "#8fbce6" title "did not trap on stock", \\
            "" using (108):($0+1):4 with labels left offset 1,0 font ",11" notitle
        """,
        data,
    )
    return text + as_html(t, readers.paths()) + stated(rows, pages.SIDES)


def native(all_rows, draw):
    rows = tables.native_variants(all_rows).get('')
    if not rows:
        raise Gap('suite G=native')
    ratios = {p: r for p, r in tables.native_ratios(rows).items() if all(r)}
    data = sorted(((p, a * 100 / o, b * 100 / o) for p, (a, b, o) in ratios.items()), key=lambda d: -d[1])
    t = tables.native(rows)
    most = max((b, p) for p, _, b in data)
    text = draw(
        'native',
        'Instructions a page without Xen, against a kernel without PARAVIRT_XXL',
        960,
        90 + 17 * len(data),
        bars(data, 'instructions a page in QEMU without Xen, a kernel without PARAVIRT_XXL = 100 %')
        + """
        set rmargin 3; set xtics format "%g %%"; set grid y lc "#eeeeee"
        set arrow from 102,graph 0 to 102,graph 1 nohead lc "#b91c1c" dt 2 front
        plot "{0}" using 2:($0+1):ytic(1) with points pt 7 ps 0.8 lc rgb stock title "stock", \\
            "" using 3:($0+1) with points pt 7 ps 0.8 lc rgb series title "series", \\
            1/0 with lines dt 2 lc rgb "#b91c1c" title "goal: 102 %"
        """,
        data,
    )
    over = [p for p, _, b in data if b > 102]
    text += (
        f'<p>More than 2 % above a kernel without PARAVIRT_XXL: {sum(a > 102 for _, a, _ in data)} of {len(data)} paths on stock; '
        f'with the series: {tables.listed(over)}. Largest ratio with the series: {most[0] / 100:.3f} ({most[1]}).</p>\n'
    )
    return text + f'<details><summary>All figures</summary>{as_html(t)}</details>\n' + stated(rows, tables.NATIVE)


def counters():
    """What xen-pttop counted on both kernels, from its folders."""
    both = []
    for side in ('stock', 'series'):
        rows, found = readers.read('counter', os.path.join(results.RESULTS, 'counter-' + side))
        if found.startswith(readers.INCOMPLETE) or not rows:
            raise Gap('suite S=counter')
        both.append({(s, m): v for s, m, v, _ in rows})
    return both


def batches(_, draw):
    both = counters()
    paths = [s[len('batch-') :] for s, m in both[0] if s.startswith('batch-') and m == 'status' and (s, m) in both[1]]
    if not paths:
        raise Gap('suite S=counter')
    names = ['trapped', '1'] + [f'{2 ** i}–{2 ** (i + 1) - 1}' for i in range(1, 9)] + ['512+']
    data, t = [], tables.Table(
        [
            'path',
            *(
                f'{g}: {s}'
                for g in ('trapped writes', 'entries by mmu_update', 'calls', 'largest call')
                for s in ('stock', 'series')
            ),
        ]
    )
    for path in paths:
        sides, cells = [], {}
        for side, counted in enumerate(both):
            sizes = {
                int(m[len('batch ') :].rstrip('+')): int(v)
                for (s, m), v in counted.items()
                if s == 'batch-' + path and m.startswith('batch ')
            }
            trapped = int(counted.get(('batch-' + path, 'trapped_writes'), 0))
            buckets = [trapped] + [0] * 10
            for size, n in sizes.items():
                buckets[1 + min(9, max(1, size).bit_length() - 1)] += n * size
            sides.append(buckets)
            cells[side] = (
                trapped,
                counted.get(('batch-' + path, 'mmu_update_entries'), '-'),
                sum(sizes.values()),
                max(sizes, default=0),
            )
        data.append(list(zip(names, *sides)))
        t.add(path, *(tables.number(v) for pair in zip(*cells.values()) for v in pair))
    lines = (len(paths) + 1) // 2
    text = draw(
        'batches',
        'Page-table entries changed, by how many a hypercall changes',
        960,
        60 + 270 * lines,
        f"""
        unset grid; set grid y lc '#dddddd' lt 1
        set multiplot layout {lines},2 margins 0.07,0.985,0.12,0.90 spacing 0.09,0.16
        set style data histograms; set style histogram clustered gap 1; set boxwidth 0.95
        set xtics rotate by -45 left font ',10' offset -0.5,0; set format y '%.0s %c'; set yrange [0:*]
        set key at screen 0.985,0.995 right top horizontal samplen 1.5
        """
        + 'unset key\n'.join(
            f"set title '{p}' offset 0,-0.6\nplot '{{{i}}}' using 2:xtic(1) lc rgb stock title 'stock', "
            "'' using 3 lc rgb series title 'series'\n"
            for i, p in enumerate(paths)
        ),
        *data,
    )
    return (
        text
        + '<p>Page-table entries changed while the benchmark runs a path (four times, filling the memory before and tearing it '
        'down after included), by the number of updates in one <code>mmu_update</code>, alone or in a multicall. The first pair is the '
        'entries changed by a write that Xen traps. An entry set by a page fault, as all are when the memory is filled, is a call of one '
        'on both sides. Counted by Xen itself, read by <code>xen-pttop</code>.</p>\n' + as_html(t)
    )


def profiles(_, draw):
    top, sides = 18, []
    for side in ('stock', 'series'):
        by = {}
        try:
            rows, _ = readers.table(os.path.join(results.RESULTS, 'profile-' + side), 'ptcount.tsv.prof')
        except readers.Incomplete:
            raise Gap('profile P="munmap-anon fork mprotect-ro"') from None
        runs = {p: len({r['repeat'] for r in rows if r['path'] == p}) for p in dict.fromkeys(r['path'] for r in rows)}
        for r in rows:
            name = r['symbol'] + {'xen': ' (Xen)', 'user': ' (user)'}.get(r['where'], '')
            cost_ = by.setdefault(r['path'], {})
            cost_[name] = cost_.get(name, 0) + float(r['per_page']) / runs[r['path']]
        sides.append(by)
    text = ''
    for path in [p for p in sides[0] if p in sides[1]]:
        a, b = sides[0][path], sides[1][path]
        every = sorted(((k, a.get(k, 0), b.get(k, 0)) for k in {**a, **b}), key=lambda f: (-max(f[1:]), f[0]))
        shown = [(max(x, y), k, x, y, f'{x:.0f} → {y:.0f}') for k, x, y in every[:top]]
        text += draw(
            'profile-' + path,
            f'Functions in which {path} spends its instructions',
            960,
            560,
            bars(shown, 'instructions a page', '38')
            + f"""
            set rmargin 14; set tmargin 4; set xrange [0:*]; set title "{path}"
            plot "{{0}}" using (0):($0+1):(0):3:($0+0.62):($0+0.98):ytic(2) with boxxyerror lc rgb stock title "stock", \\
                "" using (0):($0+1):(0):4:($0+1.02):($0+1.38) with boxxyerror lc rgb series title "series", \\
                "" using 1:($0+1):5 with labels left offset 1,0 font ",11" notitle
            """,
            shown,
        )
        rest = [sum(f[i] for f in every[top:]) for i in (1, 2)]
        text += (
            f'<p>All functions: {sum(a.values()):.0f} instructions a page on stock, {sum(b.values()):.0f} with the series. '
            f'The {len(every[top:])} not shown have {rest[0]:.0f} and {rest[1]:.0f} of these.</p>\n'
        )
    return text


def live(_, _draw):
    both = counters()
    t = tables.Table(
        [
            'while it runs',
            *(
                f'{g}: {s}'
                for g in ('trapped writes a second', 'hypercalls a second', 'lost records')
                for s in ('stock', 'series')
            ),
            'most trapped writes in: stock<',
        ]
    )
    for key, name in (
        ('forks', 'a shell that forks'),
        ('unmap', 'ptbench, munmap-anon'),
        ('idle', 'nothing, for 2 seconds'),
    ):
        t.add(
            name,
            *(
                tables.number(c.get((key, m)))
                for m in ('trapped_writes_per_second', 'hypercalls_per_second', 'lost_records')
                for c in both
            ),
            both[0].get((key, 'top_function')),
        )
    text = (
        as_html(t)
        + '<p>What <code>xen-pttop</code> counts in the guest. A second is 10<sup>9</sup> instructions of the emulated '
        'machine, not one of hardware. The same on the screen:</p>\n'
    )
    for side in ('stock', 'series'):
        try:
            with open(
                os.path.join(results.RESULTS, 'counter-' + side, 'screen.txt'), encoding='utf-8', errors='replace'
            ) as f:
                screens = f.read().split('\nxen-pttop ')
            text += f'<h3>{side}</h3><pre>{html.escape(("xen-pttop " if len(screens) > 1 else "") + screens[-1].strip())}</pre>\n'
        except OSError:
            pass
    return text


PARTS = (
    ('Cost of a page, by path', cost),
    ('Without Xen', native),
    ('How many updates a hypercall carries', batches),
    ('Where the instructions go', profiles),
    ('The live counter', live),
)


def write(all_rows, folder):
    """Writes report.html and the pictures; returns a line about them."""
    if not shutil.which('gnuplot'):
        raise results.Refused(21, 'no gnuplot; install the package gnuplot-nox (make deps)')
    tables.Rows(all_rows).need(*pages.SIDES)
    with tempfile.TemporaryDirectory() as tmp:
        pictures = Pictures(tmp)
        body = [
            '<h1>Page-table updates of Xen PV guests: before and after</h1>\n<p>Stock is Debian\'s kernel; series is the same kernel '
            'with the patches of this project. A trapped write is a write to a page table that Xen has to decode, check and emulate. '
            'Instructions are those of guest and hypervisor together, as QEMU counts them.</p>\n'
        ]
        for title, part in PARTS:
            body.append(f'<h2>{title}</h2>\n')
            try:
                body.append(part(all_rows, pictures.draw))
            except Gap as gap:
                print(f'report: warning: not in the page: {title}; run make {gap}', file=sys.stderr)
                body.append(f'<p class=gap>Not measured: run <code>make {html.escape(str(gap))}</code>.</p>\n')
        os.makedirs(folder, exist_ok=True)
        for name in pictures.names:
            shutil.copy(os.path.join(tmp, name), folder)
        page = os.path.join(folder, 'report.html')
        results.replace_file(
            page,
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\n'
            f'<title>Page-table updates of Xen PV guests: before and after</title>\n<style>{STYLE}</style></head><body>\n'
            + ''.join(body)
            + '<p>Written by <code>make report</code>.</p>\n</body></html>\n',
        )
    return f'{results.short(page)}, {os.path.getsize(page) // 1024} KiB; pictures: {" ".join(pictures.names)}'
