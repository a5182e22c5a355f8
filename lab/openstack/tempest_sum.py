"""Sums up last.subunit of a Tempest workspace (the current directory).

Writes pass.txt, fail.txt and skip.txt, prints a count per module, exits 1 when a test
failed or none passed.  A fixture that failed is counted as one failure, named setUpClass (...).
"""
import collections
import csv
import re
import subprocess
import sys

STATUS = {'success': 'pass', 'failure': 'fail', 'error': 'fail', 'fail': 'fail',
          'skip': 'skip'}
FIXTURE = re.compile(r'^(?:setUpClass|tearDownClass) \((.*)\)$')


def module(name):
    fixture = FIXTURE.match(name)
    return '.'.join((fixture.group(1) if fixture else name).split('.')[:4])


rows = subprocess.run(['subunit2csv', 'last.subunit'], capture_output=True,
                      text=True, errors='replace').stdout.splitlines()
names = {'pass': set(), 'fail': set(), 'skip': set()}
for row in csv.DictReader(rows):
    status = STATUS.get(row['status'])
    if status:
        names[status].add(re.sub(r'\[.*\]$', '', row['test']))

count = collections.defaultdict(collections.Counter)
for status, tests in names.items():
    with open(status + '.txt', 'w') as f:
        f.writelines(n + '\n' for n in sorted(tests))
    for name in tests:
        count[module(name)][status] += 1
        count['total'][status] += 1

print('%-48s %6s %6s %6s' % ('module', 'pass', 'fail', 'skip'))
for m in sorted(count, key=lambda m: (m == 'total', m)):
    print('%-48s %6d %6d %6d' % (m, count[m]['pass'], count[m]['fail'],
                                 count[m]['skip']))
sys.exit(1 if names['fail'] or not names['pass'] else 0)
