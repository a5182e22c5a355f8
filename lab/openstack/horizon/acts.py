"""What people do in Horizon, by its own forms and wizards."""
import time

from selenium.webdriver.common.by import By

# The button that moves the row with a text into the upper table of the wizard's step.
ALLOCATE = """
const [text] = arguments;
const rows = [...document.querySelectorAll('.modal-dialog tr')].filter((row) =>
  row.offsetParent !== null && row.querySelector('.fa-arrow-up') &&
  [...row.querySelectorAll('td')].some((cell) => cell.textContent.trim() === text));
if (!rows.length) return false;
rows[0].querySelector('.fa-arrow-up').closest('button').click();
return true;
"""
ALLOCATED = """
const [text] = arguments;
return [...document.querySelectorAll('.modal-dialog tr')].some((row) =>
  row.offsetParent !== null && row.querySelector('.fa-arrow-down') && row.textContent.includes(text));
"""
CHOOSE = """
const [css, text] = arguments;
const select = document.querySelector(css);
const words = [...select.options].map((one) => one.textContent.trim());
const at = words.findIndex((one) => one.startsWith(text));
if (at < 0) return words;
select.selectedIndex = at;
select.dispatchEvent(new Event('change', {bubbles: true}));
return null;
"""


def until(seconds, what, holds):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError('not within %d s: %s' % (seconds, what))
        time.sleep(0.3)


def choose(browser, css, value):
    """An option of a select, by the beginning of its text; Horizon hides most selects behind buttons of its own."""
    browser.find(css)
    options = browser.driver.execute_script(CHOOSE, css, value)
    if options is not None:
        raise AssertionError('no option %s in %s: %s' % (value, css, options))


def wizard_step(browser, title):
    for item in browser.all('.modal-dialog .nav-item, .modal-dialog .wizard-nav a, .modal-dialog li a'):
        if item.text.strip().rstrip(' *') == title:
            browser.driver.execute_script('arguments[0].click()', item)
            browser.settle()
            return
    raise AssertionError('the wizard has no step %s' % title)


def allocate(browser, text):
    """In the step that is shown; what is allocated already stays."""
    if not browser.driver.execute_script(ALLOCATED, text):
        until(30, 'a row with %s' % text, lambda: browser.driver.execute_script(ALLOCATE, text))
    until(10, '%s allocated' % text, lambda: browser.driver.execute_script(ALLOCATED, text))


def launch_instance(browser, name, zone, image, flavor, network):
    browser.open('/project/instances/')
    browser.find('#instances__action_launch-ng').click()
    browser.settle()
    browser.find('.modal-dialog input#name').send_keys(name)
    choose(browser, '.modal-dialog select#availability-zone', zone)
    wizard_step(browser, 'Source')
    # A root disk of the flavor's own, no volume.
    for label in browser.all('.modal-dialog label.btn-toggle'):
        if label.text.strip() == 'No' and label.is_displayed():
            label.click()
            break
    allocate(browser, image)
    wizard_step(browser, 'Flavor')
    allocate(browser, flavor)
    wizard_step(browser, 'Networks')
    allocate(browser, network)
    end_wizard(browser)


def end_wizard(browser):
    finish = browser.find('.modal-dialog button.finish')
    until(30, 'the last button may be pressed', finish.is_enabled)
    browser.errors()  # what came before is forgotten
    finish.click()
    until(60, 'the wizard closes', lambda: not browser.all('.modal-dialog button.finish'))
    browser.settle()
    no_errors(browser)


def no_errors(browser):
    errors = browser.errors()
    if errors:
        raise AssertionError('; '.join(errors))


def table_row(browser, text):
    rows = [row.text for row in browser.all('table tbody tr') if text in row.text]
    return rows[0] if rows else ''


def becomes(browser, page, name, word, seconds=120):
    """Until the row of `name` on a page has `word`; returns the row's text."""
    end, row = time.monotonic() + seconds, ''
    while time.monotonic() < end:
        browser.open(page)
        row = table_row(browser, name)
        if word in row:
            return row
        if 'Error' in row:
            break
        time.sleep(1)
    raise AssertionError('%s on %s: wanted %s, is "%s"' % (name, page, word, row))


def create_volume(browser, name, zone):
    browser.open('/project/volumes/create/')
    browser.find('#id_name').send_keys(name)
    choose(browser, '#id_availability_zone', zone)
    browser.submit(browser.find('.modal-footer input[type=submit], form input.btn-primary[type=submit]').click)
    no_errors(browser)


def create_network(browser, name, zone, cidr):
    """The workflow's three pages are all in the form; its buttons only show one or another."""
    browser.open('/project/networks/create')
    browser.find('#id_net_name').send_keys(name)
    hints = browser.all('#id_az_hints')
    if hints:
        choose(browser, '#id_az_hints', zone)
    fields = {'id_subnet_name': name, 'id_cidr': cidr}
    for field, value in fields.items():
        browser.driver.execute_script(
            'const f = document.getElementById(arguments[0]); f.value = arguments[1];'
            'f.dispatchEvent(new Event("change", {bubbles: true}))', field, value)
    browser.submit(lambda: browser.driver.execute_script(
        'HTMLFormElement.prototype.submit.call(document.getElementById("id_net_name").form)'))
    no_errors(browser)


def create_image(browser, name, file):
    browser.open('/project/images/')
    for button in browser.all('button, a.btn'):
        if button.text.strip() == 'Create Image':
            button.click()
            break
    browser.settle()
    browser.find('.modal-dialog input[name=name], .modal-dialog #imageForm-name').send_keys(name)
    browser.driver.find_element(By.CSS_SELECTOR, 'input[type=file]').send_keys(file)
    choose(browser, '.modal-dialog select[name=format], .modal-dialog #imageForm-format', 'Raw')
    end_wizard(browser)


def console(browser, server_id):
    """Opens the server's console as its page does, and returns the name of the screen that noVNC shows."""
    browser.open('/project/instances/%s/?tab=instance_details__console' % server_id)
    frame = browser.find('#console_embed')
    browser.driver.switch_to.frame(frame)
    try:
        # Debian's vnc_auto.html is noVNC's full page, which waits for its button to be pressed.
        browser.driver.execute_script('arguments[0].click()', browser.find('#noVNC_connect_button'))
        until(60, 'noVNC is connected', lambda: 'noVNC_connected' in browser.find('html').get_attribute('class'))
        until(15, 'the screen has a picture', lambda: browser.driver.execute_script(
            'const c = document.querySelector("canvas");'
            'if (!c || !c.width) return false;'
            'const p = c.getContext("2d").getImageData(0, 0, 1, 1).data;'
            'return p[0] + p[1] + p[2] > 0'))
        return browser.driver.execute_script('return document.title')  # the frame's, not the window's
    finally:
        browser.driver.switch_to.default_content()
