// Comfort only: every page works without this file.

// After a refused form, reading starts at what is wrong and not at the top of the page.
document.querySelector('[data-focus]')?.focus();

// Amounts as people write them: full width, with separators, with a sign for yen. Null when it is not a number.
const read = (text) => {
  const plain = text.normalize('NFKC').replace(/[\s,¥円\\]/g, '');
  return /^\d+$/.test(plain) ? Number(plain) : null;
};
const show = (amount) => (amount === null ? '—' : `¥${amount.toLocaleString('en-US')}`);
const sum = (amounts) =>
  amounts.reduce((total, one) => (total === null || one === null ? null : total + one), 0);
// Those of the form and of its lines (`lines.0.amount`); what stands deeper is a part of one of them.
const inputs = (form, name) =>
  [...form.elements].filter((field) => field.name.replace(/^\w+\.\d+\./, '') === name);
// A field that is still empty counts as nothing yet; what is not a number makes the total unknown.
const amount = (field) => (field.value.trim() === '' ? 0 : read(field.value));

const recount = (form) => {
  // data-subtotal="lines.0": quantity × unit price of that line of the form.
  const subtotals = [...form.querySelectorAll('[data-subtotal]')].map((place) => {
    const of = (name) => form.elements.namedItem(`${place.dataset.subtotal}.${name}`);
    const factors = [of('quantity'), of('unitPrice')].map((field) => (field ? amount(field) : null));
    const subtotal = factors.includes(null) ? null : factors[0] * factors[1];
    place.textContent = show(subtotal);
    return subtotal;
  });
  // data-total="amount": the sum of all fields of that name in any line; data-total alone: of the subtotals.
  const totals = [...form.querySelectorAll('[data-total]')].map((place) => {
    const total = sum(place.dataset.total ? inputs(form, place.dataset.total).map(amount) : subtotals);
    place.textContent = show(total);
    return total;
  });
  if (totals.length === 0) return;
  // data-amount-label="¥{amount} を承認する": the button keeps saying what it does, by the form's first total.
  for (const button of form.querySelectorAll('[data-amount-label]')) {
    button.textContent = button.dataset.amountLabel.replace('¥{amount}', show(totals[0]));
    // A named one tells the server which amount it said.
    if (button.name) button.value = totals[0] ?? '';
  }
};

// One listener on the document, so that lines which htmx adds later are counted too.
document.addEventListener('input', ({ target }) => {
  if (target.form) recount(target.form);
});
