import { sumYen } from '../kernel/money.js';
import { DayField, MoneyField, SelectField, TextArea } from '../web/forms.js';
import { dateText, yen } from '../web/format.js';
import { FoldedForm, fieldsOf, type FormProps } from './fund-forms.js';
import { lineName, ruleOnMoves } from './fund-parts.js';
import { UNALLOCATED } from './moves.dto.js';

export function MoveForm(props: FormProps) {
  const { view, fund } = props;
  const { t } = view;
  const field = fieldsOf(props, 'move');
  const options = fund.lines.map((line) => ({
    value: line.id,
    label: t('funds:move.option', { name: lineName(t, line), left: yen(line.available) }),
  }));
  const back = { value: UNALLOCATED, label: t('funds:move.back') };
  const choose = t('common:form.choose');
  return (
    <FoldedForm of={props} name="move" action="moves">
      <p class="help">{ruleOnMoves(t, fund.rules)}</p>
      <SelectField {...field('fromLineId')} options={options} empty={choose} required />
      <SelectField {...field('toLineId')} options={[...options, back]} empty={choose} required />
      <MoneyField {...field('amount')} required />
      <TextArea {...field('reason')} help={t('funds:move.reasonHelp')} rows={2} required />
    </FoldedForm>
  );
}

export function CarryForm(props: FormProps) {
  const { view, fund, funds } = props;
  const { t } = view;
  const field = fieldsOf(props, 'carry');
  const options = funds
    .filter(({ id }) => id !== fund.id)
    .map(({ id, name, unallocated }) => ({
      value: id,
      label: t('funds:carry.option', { name, unallocated: yen(unallocated) }),
    }));
  return (
    <FoldedForm of={props} name="carry" action="carry">
      <p>{t('funds:allocation.unallocated', { amount: yen(fund.unallocated) })}</p>
      <p class="help">{t('funds:carry.help')}</p>
      <SelectField {...field('toFundId')} options={options} empty={t('common:form.choose')} required />
      <MoneyField {...field('amount')} required />
      <TextArea {...field('reason')} help={t('funds:move.reasonHelp')} rows={2} required />
    </FoldedForm>
  );
}

/** Only for a fund that has an end. */
export function ExtensionForm(props: FormProps) {
  const { view, fund } = props;
  const { t, language } = view;
  const field = fieldsOf(props, 'extension');
  return (
    <FoldedForm of={props} name="extension" action="extend">
      <p>{t('funds:extension.now', { day: dateText(fund.to!, language) })}</p>
      <DayField {...field('to')} help={t('funds:extension.toHelp')} />
      <TextArea {...field('reason')} rows={2} required />
    </FoldedForm>
  );
}

/** What a fund still holds has to go first; then it can be closed. */
export function ClosingForm(props: FormProps) {
  const { view, fund } = props;
  const { t } = view;
  const field = fieldsOf(props, 'closing');
  const committed = sumYen(fund.lines.map((line) => line.committed));
  const left = sumYen([fund.unallocated, ...fund.lines.map((line) => line.available)]);
  if (committed + left > 0) {
    return (
      <details class="fold" id="closing" open={props.form.name === 'closing'}>
        <summary>{t('funds:closing.title')}</summary>
        <p>{t('funds:closing.notYet', { left: yen(left), committed: yen(committed) })}</p>
      </details>
    );
  }
  return (
    <FoldedForm of={props} name="closing" action="close">
      <p>{t('funds:closing.help')}</p>
      <TextArea {...field('reason')} rows={2} required />
    </FoldedForm>
  );
}
