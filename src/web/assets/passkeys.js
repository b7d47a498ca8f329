// Passkeys. The pages that load this offer codes as well, for those without script.
const { browserSupportsWebAuthn, startAuthentication, startRegistration } = window.SimpleWebAuthnBrowser;

// A browser makes no passkeys for a bare address, which may be another machine's tomorrow.
const supported = browserSupportsWebAuthn() && !/^([\d.]+|\[.*\])$/.test(location.hostname);
const begin = { create: startRegistration, get: startAuthentication };

// The form goes on with the answer in the field that this button names, in place of what was typed there.
const send = (form, field, answer) => {
  for (const typed of form.querySelectorAll(`[name="${field}"]`)) typed.disabled = true;
  const hidden = Object.assign(document.createElement('input'), { type: 'hidden', name: field });
  hidden.value = JSON.stringify(answer);
  form.append(hidden);
  form.submit();
};

const failedOf = (button) => button.parentElement.querySelector('[data-passkey-failed]');

const ask = async (button) => {
  const { passkey, options, field } = button.dataset;
  failedOf(button).hidden = true;
  button.disabled = true;
  try {
    const response = await fetch(options, { method: 'POST' });
    // A check that is due, or a session that ended: the page that answers the form says so, and keeps it.
    if (!response.ok) return button.form.submit();
    send(button.form, field, await begin[passkey]({ optionsJSON: await response.json() }));
  } catch {
    failedOf(button).hidden = false;
  }
  button.disabled = false;
};

for (const button of document.querySelectorAll('[data-passkey]')) {
  button.hidden = !supported;
  // Where a passkey is the only thing to do, it is said that it cannot be done.
  if (!supported && button.dataset.passkey === 'create') failedOf(button).hidden = false;
  button.addEventListener('click', () => void ask(button));
}
