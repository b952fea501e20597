# SPDX-License-Identifier: GPL-2.0
"""The one format of results: a long table, build/KVER/results/results.tsv.

A row is one figure or outcome, in the columns of COLUMNS:

  suite       what was run: bench-series, kselftest-xen, races-2 ...
  subject     what it is about: a path, a test, "test case"; "-" is the suite
  metric      insns, traps, result, verdict ...
  value unit  as text
  kernel hypervisor machine
              what it ran on; "none" is no hypervisor
  series      hash of the series (series_hash()); "-" for a kernel without it
  date        day of the run, UTC

A row takes the place of the one with the same KEY. results.json, beside it, has
the same rows as a list of objects.
"""

import contextlib
import datetime
import fcntl
import hashlib
import json
import os
import re
import subprocess
import tempfile

COLUMNS = ('suite', 'subject', 'metric', 'value', 'unit', 'kernel', 'hypervisor', 'machine', 'series', 'date')
KEY = ('suite', 'subject', 'metric', 'kernel', 'hypervisor')

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
KVER = os.environ.get('KVER') or '6.12'
BUILD = os.environ.get('BUILD') or os.path.join(TOP, 'build')
KB = os.path.join(BUILD, KVER + ('-own' if os.environ.get('KSRC') else ''))
RESULTS = os.environ.get('RESULTS') or os.path.join(KB, 'results')
PATCHES = os.environ.get('PATCHES') or os.path.join(TOP, 'patches', 'linux-' + KVER)

# exit statuses, as in scripts/lib/base.sh; OTHER is of this room
USAGE, ERROR, SERIES, NORESULT, OTHER = 2, 3, 16, 17, 19


class Refused(Exception):
    """Cannot go on: one line with cause and remedy, and the exit status."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status = status


def short(path):
    """The path as a reader of the terminal knows it."""
    path = os.path.abspath(path)
    return os.path.relpath(path, TOP) if path.startswith(TOP + '/') else path


def default_path():
    return os.path.join(RESULTS, 'results.tsv')


def xen_where():
    """Which hypervisor is chosen, and where things of it are: scripts/build/xen --where."""
    said = subprocess.run([os.path.join(TOP, 'scripts/build/xen'), '--where'], stdout=subprocess.PIPE, text=True)
    if said.returncode:
        # it has said why
        raise SystemExit(said.returncode)
    return dict(line.split('=', 1) for line in said.stdout.splitlines())


def lines_of(path, why):
    """The lines of a text file; refused, with the remedy, when there is none."""
    try:
        with open(path, encoding='utf-8', errors='replace') as f:
            return f.read().splitlines()
    except OSError:
        raise Refused(NORESULT, f'no {short(path)}; {why}') from None


def parts(kernel):
    """The sub-series of the series for a kernel, 7.3.4-stock, in order: what "# NAME: what
    it is" in its file begins."""
    version = re.match(r'\d+\.\d+', kernel)
    patches = os.path.join(TOP, 'patches', 'linux-' + version[0]) if version else PATCHES
    with open(os.path.join(os.environ.get('PATCHES') or patches, 'series'), encoding='utf-8') as f:
        return re.findall('^# ([a-z-]+): ', f.read(), re.M)


def series_hash(patches=None):
    """What series_code() of scripts/lib/series.sh computes, its first 12 digits:
    a sum of what the patches change, without their changelogs."""
    patches = patches or PATCHES
    text, inside = hashlib.sha256(), False
    try:
        with open(os.path.join(patches, 'series'), 'rb') as f:
            names = [word for line in f for word in line.split(b'#')[0].split()]
        for name in names:
            with open(os.path.join(os.fsencode(patches), name), 'rb') as f:
                for line in f:
                    bare = line.rstrip(b'\n')
                    if inside:
                        text.update(line)
                        inside = bare != b'-- '
                    elif bare == b'---':
                        text.update(line)
                        inside = True
    except OSError as e:
        raise Refused(SERIES, f'no {short(e.filename)}; KVER= names a folder of patches/') from None
    return text.hexdigest()[:12]


def of_series(kernel):
    """Does a kernel of that name hold the series? Stock and its variants do not."""
    return not re.search(r'-(stock|poc)\b', kernel)


def context(outdir=None):
    """What a boot that left its logs in outdir ran on; without one, "-"."""
    row = dict(
        kernel='-',
        hypervisor='-',
        machine='-',
        series='-',
        date=datetime.datetime.now(datetime.timezone.utc).strftime('%Y-%m-%d'),
    )
    if not outdir:
        return row
    try:
        with open(os.path.join(outdir, 'console.log'), errors='replace') as f:
            console = f.read()
        row['date'] = datetime.datetime.fromtimestamp(
            os.path.getmtime(os.path.join(outdir, 'console.log')), datetime.timezone.utc
        ).strftime('%Y-%m-%d')
        with open(os.path.join(outdir, 'qemu.cmd')) as f:
            command = f.read()
    except OSError:
        return row
    found = re.search(r'Linux version (\S+)', console)
    row['kernel'] = found[1] if found else '-'
    found = re.search(r'^\(XEN\) Xen version (\S+)', console, re.M)
    row['hypervisor'] = 'Xen ' + found[1] if found else 'none'
    found = re.search(r'(\S*qemu-system-\S+) .*-smp (\d+)', command)
    if found:
        row['machine'] = f'{qemu_version(found[1])}, {found[2]} CPU' + 's' * (found[2] != '1')
    if row['kernel'] != '-' and of_series(row['kernel']):
        row['series'] = series_hash()
    return row


def qemu_version(qemu):
    try:
        said = subprocess.run([qemu, '--version'], capture_output=True, text=True).stdout
    except OSError:
        return 'QEMU'
    found = re.search(r'version (\d+\.\d+)', said)
    return 'QEMU ' + found[1] if found else 'QEMU'


def load(path=None, missing_ok=False):
    """The rows of a table, as dicts. A table that was cut short is refused."""
    path = path or default_path()
    remedy = 'delete it and run the suites again'
    try:
        with open(path, encoding='utf-8') as f:
            text = f.read()
    except FileNotFoundError:
        if missing_ok:
            return []
        raise Refused(NORESULT, f'no {short(path)}; run: make bench, or: make suite S=NAME') from None
    except (OSError, UnicodeDecodeError) as e:
        raise Refused(ERROR, f'{short(path)}: cannot be read ({e}); {remedy}') from None
    lines = text.split('\n')
    if lines[0].split('\t') != list(COLUMNS):
        raise Refused(ERROR, f'{short(path)}:1: not the columns of a results file; {remedy}')
    if lines.pop():
        raise Refused(ERROR, f'{short(path)}:{len(lines) + 1}: cut short, its last line has no end; {remedy}')
    rows = []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split('\t')
        if len(cells) != len(COLUMNS):
            raise Refused(ERROR, f'{short(path)}:{number}: {len(cells)} columns, not {len(COLUMNS)}; {remedy}')
        rows.append(dict(zip(COLUMNS, cells)))
    return rows


def replace_file(path, text):
    """Writes a file whole or not at all."""
    fd, new = tempfile.mkstemp(dir=os.path.dirname(path), prefix=os.path.basename(path) + '.')
    try:
        with os.fdopen(fd, 'w', encoding='utf-8') as f:
            f.write(text)
        os.chmod(new, 0o644)
        os.rename(new, path)
    except BaseException:
        os.unlink(new)
        raise


def key_of(row):
    return tuple(row[k] for k in KEY)


def to_tsv(rows):
    return ''.join('\t'.join(line) + '\n' for line in [COLUMNS] + [[row[c] for c in COLUMNS] for row in rows])


def to_json(rows):
    return '[\n' + ',\n'.join(json.dumps(row, ensure_ascii=False) for row in rows) + '\n]\n'


@contextlib.contextmanager
def locked(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def of_boot(suite, rows, outdir):
    """Rows as readers.read() gives them, for record()."""
    ran_on = context(outdir)
    return [dict(zip(COLUMNS[1:5], row), suite=suite, **ran_on) for row in rows]


def whole(rows):
    """Rows with all columns, as text that fits into a cell."""
    here, made = context(), []
    for given in rows:
        extra = set(given) - set(COLUMNS)
        if extra:
            raise ValueError(f'no such column: {", ".join(sorted(extra))}')
        row = {'unit': '-', **here, **given}
        if 'series' not in given and row['kernel'] != '-' and of_series(row['kernel']):
            row['series'] = series_hash()
        made.append({c: ' '.join(str(row[c]).split()) or '-' for c in COLUMNS})
    return made


def record(rows, path=None):
    """Adds rows to the table. A row takes the place of the one with the same KEY.
    What a row lacks of kernel, hypervisor, machine, series and date is filled in
    from context(); series is the present one if the kernel has it."""
    path = path or default_path()
    new = {key_of(row): row for row in whole(rows)}
    with locked(path):
        rows = [row for row in load(path, missing_ok=True) if key_of(row) not in new] + list(new.values())
        replace_file(path, to_tsv(rows))
        replace_file(re.sub(r'\.tsv$', '', path) + '.json', to_json(rows))
