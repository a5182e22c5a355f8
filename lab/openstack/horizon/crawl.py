"""Every page that can be reached from Horizon's menu, and every form behind its buttons."""
import re
import time
from urllib.parse import urlsplit

ID = re.compile(r'[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
# Leaving, other programs' pages, and downloads.
SKIPPED = re.compile(r'^/(auth|static|i18n|header|home)\b|/logout|openrc|clouds\.yaml|format=csv|/download|^/api/|/private_key|sshkey')
# Pages that fail in front of a single cloud as well, and why.
FAILS_ANYWHERE = {
    '/admin/rbac_policies/<id>/update': 'Horizon 23 has no template project/rbac_policies/_update.html',
    # Pages that forms post to, and that are no pages without what was posted.
    '/project/stacks/launch': "heat_dashboard/content/stacks/views.py reads request.POST['parameters']",
    '/identity/application_credentials/success': 'its views.py reads what was just made from the session',
}
# A page of one kind is visited for so many things of that kind.
EACH = 2


def kind(path):
    """`/project/instances/<id>/?tab=x` for all ids and whatever else differs from thing to thing."""
    parts = urlsplit(path)
    path = ID.sub('<id>', parts.path)
    path = re.sub(r'/(flavors|roles|users|key_pairs|metadata_defs|hypervisors|info|aggregates)/[^/<]+/', r'/\1/<id>/', path)
    tab = re.search(r'tab=[^&]*', parts.query)
    return path + ('?' + tab.group() if tab else '')


class Crawl:
    def __init__(self, browser, report, within, of_interest=None, each=EACH):
        """report(path, seconds, errors); within: prefixes of paths; of_interest(path) may refuse one."""
        self.browser, self.report, self.within = browser, report, within
        self.of_interest, self.each = of_interest or (lambda path: True), each
        self.seen, self.kinds = set(), {}

    def run(self, starts, follow=True):
        queue = list(starts)
        while queue:
            path = queue.pop(0)
            if not self._is_new(path):
                continue
            started = time.monotonic()
            try:
                self.browser.open(path)
                errors = self.browser.errors()
                if follow:
                    queue.extend(self._next())
            except Exception as error:  # of the browser: the page is at fault, the walk goes on
                errors = ['%s: %s' % (type(error).__name__, str(error).split('\n')[0])]
            self.report(path, time.monotonic() - started, errors)

    def _is_new(self, path):
        if path in self.seen or not path.startswith(self.within) or SKIPPED.search(path) or not self.of_interest(path):
            return False
        self.seen.add(path)
        of_kind = kind(path)
        if of_kind.rstrip('/') in FAILS_ANYWHERE:
            return False
        self.kinds[of_kind] = self.kinds.get(of_kind, 0) + 1
        return self.kinds[of_kind] <= self.each

    def _next(self):
        paths = [path.split('#')[0] for path in self.browser.links()]
        tabs = self.browser.driver.execute_script(
            'return [...document.querySelectorAll("[data-tab-id], a[data-target^=\'#\'][href*=\'?tab=\']")]'
            '.map((a) => a.getAttribute("href"))')
        here = urlsplit(self.browser.driver.current_url).path
        return paths + [here + tab for tab in tabs if tab and tab.startswith('?')]
