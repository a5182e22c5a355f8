"""Headless Chromium in front of Horizon, and what is an error on a page."""
import json
import re
import shutil
import tempfile
import time
from urllib.parse import urljoin, urlsplit

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

FLAGS = ('--headless', '--no-sandbox', '--disable-gpu', '--disable-quic',
         '--no-first-run', '--disable-background-networking',
         '--disable-component-update', '--disable-sync',
         '--disable-dev-shm-usage', '--window-size=1600,1400')

# Horizon loads parts of a page by itself: Angular panels ask its REST API, charts and
# lazy tabs their own addresses. A page is complete when none of this is under way.
QUIET = """
if (document.readyState !== 'complete') return false;
const jq = !window.jQuery || window.jQuery.active === 0;
let ng = true;
if (window.angular) {
  const root = document.querySelector('[ng-app]') || document.body;
  const injector = window.angular.element(root).injector();
  if (injector) ng = injector.get('$http').pendingRequests.length === 0;
}
return jq && ng;
"""

# noVNC's page looks for its version in a file that Debian's package does not have; a page without an icon of its own makes
# the browser look for the server's, which nobody has put there.
NOT_THERE = ('/package.json', '/favicon.ico')


class Browser:
    def __init__(self, root):
        self.root = root
        self._profile = tempfile.mkdtemp(prefix='horizon-')
        options = webdriver.ChromeOptions()
        for flag in FLAGS + ('--user-data-dir=' + self._profile,):
            options.add_argument(flag)
        options.set_capability('goog:loggingPrefs', {'performance': 'ALL'})
        self.driver = webdriver.Chrome(
            service=Service('/usr/bin/chromedriver'), options=options)
        self.driver.set_page_load_timeout(120)

    def close(self):
        self.driver.quit()
        shutil.rmtree(self._profile, ignore_errors=True)

    def log_in(self, user, password):
        self.open('/auth/login/')
        self.find('#id_username').send_keys(user)
        self.find('#id_password').send_keys(password)
        self.submit(lambda: self.find('#loginBtn').click())
        if '/auth/login' in self.driver.current_url:
            raise AssertionError('not logged in: ' + self.text()[:300])

    def open(self, path):
        self.driver.get(urljoin(self.root, path))
        self.settle()

    def submit(self, act):
        """Does what leaves this page, and waits for the next one, which may take its time."""
        page = self.driver.find_element(By.TAG_NAME, 'html')
        act()
        WebDriverWait(self.driver, 120).until(staleness_of(page))
        self.settle()

    def settle(self, seconds=60):
        """Waits until the page asks for nothing any more, and did not a moment ago."""
        end, quiet = time.monotonic() + seconds, 0
        while time.monotonic() < end and quiet < 2:
            try:
                quiet = quiet + 1 if self.driver.execute_script(QUIET) else 0
            except WebDriverException:
                quiet = 0
            time.sleep(0.15)

    def find(self, css):
        return WebDriverWait(self.driver, 30).until(
            lambda d: d.find_element(By.CSS_SELECTOR, css))

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self):
        return self.driver.find_element(By.TAG_NAME, 'body').text

    def links(self, css='a[href]'):
        """Paths within Horizon."""
        found = self.driver.execute_script(
            'return [...document.querySelectorAll(arguments[0])]'
            '.map((a) => a.href)', css)
        paths = []
        for href in found:
            url = urlsplit(href)
            if url.netloc == urlsplit(self.root).netloc:
                paths.append(url.path + ('?' + url.query if url.query else ''))
        return paths

    def answers(self):
        """(status, url) of what was answered since the last call."""
        found = []
        for entry in self.driver.get_log('performance'):
            message = json.loads(entry['message'])['message']
            if message['method'] == 'Network.responseReceived':
                response = message['params']['response']
                found.append((response['status'], response['url']))
        return found

    def errors(self):
        """What a person would call an error on this page, as text."""
        found = ['%d %s' % (status, url) for status, url in self.answers()
                 if status >= 400 and not url.endswith(NOT_THERE)]
        for alert in self.all('.alert-danger, .alert-error, .alert-warning, '
                              '.toast .alert-danger, .help-block.alert'):
            text = re.sub(r'\s+', ' ', alert.text).strip('× ')
            if text:
                found.append(text)
        body = self.text()
        for words in ('Traceback (most recent call last)', 'Something went wrong!',
                      'You are not authorized', 'Server error'):
            if words in body:
                found.append(words)
        return found
