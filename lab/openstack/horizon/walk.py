"""Walks through an unchanged Horizon beside a cascade of two sites, in headless Chromium.

  walk.py [--short] HORIZON LOG IDENTITY_URL ZONE ZONE

Makes something of each kind, logs in as the administrator, launches an instance in each
zone with the wizard, makes volumes, a network and an image by their forms, opens a
console, then visits every page of the menu and what is behind its links: none may answer
with an error, show one or log one.  --short visits the pages of the menu alone.

Prints `ok  STEP SECONDS` or `FAIL STEP: WHY` and goes on; exits 1 when a step failed.
"""
import os
import re
import signal
import sys
import tempfile
import time
import warnings

warnings.simplefilter('ignore')
import openstack  # noqa: E402

import acts  # noqa: E402
from browser import Browser  # noqa: E402
from content import Content  # noqa: E402
from crawl import Crawl  # noqa: E402

failures = 0


def result(name, seconds, errors):
    global failures
    failures += bool(errors)
    print('FAIL %s: %s' % (name, '; '.join(errors)[:600]) if errors else 'ok  %s %.1f' % (name, seconds), flush=True)


def step(name, act, *arguments):
    """Returns what the act returns, or True; None when it failed."""
    started, value, errors = time.monotonic(), None, []
    try:
        value = act(*arguments) or True
    except Exception as error:  # the walk goes on after anything
        errors = ['%s: %s' % (type(error).__name__, str(error).split('Stacktrace')[0].strip())]
    result(name, time.monotonic() - started, errors)
    return value


class Walk:
    def __init__(self, browser, cloud, tag, zones, short):
        self.browser, self.cloud, self.tag, self.zones, self.short = browser, cloud, tag, zones, short
        self.content = Content(cloud, tag)
        self.places = {}

    def run(self):
        step('content', self.content.everywhere)
        for number, zone in enumerate(self.zones):
            self.places[zone] = step('content-' + zone, self.content.in_zone, zone, number)
        step('log-in', self.browser.log_in, 'admin', 'secret')
        for zone in self.zones:
            if self.places[zone]:
                self.launch(zone, self.places[zone])
        for zone in self.zones[:1] if self.short else self.zones:
            self.forms(zone)
        step('image-create', self.create_image)
        step('flavors-shown', self.flavors_shown)
        self.pages()

    def launch(self, zone, place):
        name, network = '%s-ui-%s' % (self.tag, zone), '%s-%s' % (self.tag, zone)
        if step('launch-' + zone, acts.launch_instance, self.browser, name, zone, place['image'].name, self.tag, network):
            self.undo(self.cloud.compute.find_server, name, self.content.delete_server)
            step('launched-' + zone, acts.becomes, self.browser, '/project/instances/', name, 'Active')
        step('console-' + zone, self.console, place['server'].id)

    def forms(self, zone):
        name = '%s-ui-%s' % (self.tag, zone)
        if step('volume-create-' + zone, acts.create_volume, self.browser, name, zone):
            self.undo(self.cloud.block_storage.find_volume, name, self.cloud.block_storage.delete_volume)
            step('volume-available-' + zone, acts.becomes, self.browser, '/project/volumes/', name, 'Available')
        if step('network-create-' + zone, acts.create_network, self.browser, name, zone, '10.94.0.0/24'):
            self.undo(self.cloud.network.find_network, name, self.cloud.network.delete_network)
            step('network-active-' + zone, acts.becomes, self.browser, '/project/networks/', name, 'Active')

    def undo(self, find, name, delete):
        found = find(name)
        if found:
            self.content.undo.append((delete, found))

    def console(self, server):
        # Named by the site's id of the server, which is another where its image was yet to come; consoles.ts compares.
        screen = acts.console(self.browser, server)
        assert re.fullmatch(r'[0-9a-f-]{36} - noVNC', screen), 'the screen is %s' % screen

    def create_image(self):
        name = self.tag + '-ui'
        with tempfile.NamedTemporaryFile() as file:
            file.write(os.urandom(65536))
            file.flush()
            acts.create_image(self.browser, name, file.name)
        self.undo(self.cloud.image.find_image, name, self.cloud.image.delete_image)
        acts.until(60, 'the image is active', lambda: self.cloud.image.find_image(name).status == 'active')

    def flavors_shown(self):
        """Each instance's own flavor, though one of the same name was deleted before."""
        for page in ('/project/instances/', '/admin/instances/'):
            self.browser.open(page)
            for zone in self.zones:
                row = acts.table_row(self.browser, '%s-%s' % (self.tag, zone))
                # image, flavor and key pair: three names that begin so
                assert 'Not available' not in row and row, '%s: %s' % (page, row)

    def pages(self):
        self.browser.errors()  # what came before is forgotten
        self.browser.open('/project/')
        menu = self.browser.links('.nav-pills a[href], #sidebar-accordion a[href], #sidebar a[href]')
        crawl = Crawl(self.browser, lambda path, seconds, errors: result('page ' + path, seconds, errors),
                      ('/project/', '/admin/', '/identity/', '/settings/'))
        crawl.run(dict.fromkeys(menu), follow=not self.short)


def logged(log, before):
    """Errors that Horizon logged since its log had so many bytes."""
    with open(log, errors='replace') as file:
        file.seek(before)
        return [line.strip() for line in file if re.search(r' (ERROR|CRITICAL) |^Traceback', line)]


def main():
    arguments = sys.argv[1:]
    short = '--short' in arguments
    if short:
        arguments.remove('--short')
    horizon, log, identity, *zones = arguments
    before = os.path.getsize(log)
    tag = 'horizon-%d' % os.getpid()
    cloud = openstack.connect(auth_url=identity, region_name='RegionOne', username='admin', password='secret',
                              project_name='admin', user_domain_id='default', project_domain_id='default')
    browser = Browser(horizon)
    walk = Walk(browser, cloud, tag, zones, short)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was made is removed
    try:
        walk.run()
    finally:
        browser.close()
        result('removed', 0, walk.content.remove())
        result('nothing-logged', 0, logged(log, before))
    print('horizon: %d failed' % failures)
    sys.exit(1 if failures else 0)


if __name__ == '__main__':
    main()
