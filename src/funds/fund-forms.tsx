import type { ComponentChildren } from 'preact';
import { newId } from '../kernel/ids.js';
import {
  DayField,
  IdempotencyField,
  MoneyField,
  PostForm,
  RadioField,
  SelectField,
  SubmitButton,
  TextField,
  type ButtonVariant,
  type FormState,
} from '../web/forms.js';
import { yen } from '../web/format.js';
import type { View } from '../web/view.js';
import { lineOptions } from './fund-parts.js';
import type { FundName } from './funds.queries.js';
import type { FundView } from './funds.dto.js';

/** The forms of a fund's page and their fields, which are named `<form>.<field>`. */
export const FORM_FIELDS = {
  allocation: ['line', 'direction', 'amount'],
  contribution: ['amount', 'receivedOn', 'source', 'reference'],
  promise: ['amount', 'expectedOn', 'source', 'reference'],
  move: ['fromLineId', 'toLineId', 'amount', 'reason'],
  carry: ['toFundId', 'amount', 'reason'],
  extension: ['to', 'reason'],
  closing: ['reason'],
} as const;
export type FormName = keyof typeof FORM_FIELDS;

/** A form as it is shown again: what was typed, what is wrong in which field, and what was refused as a whole. */
export interface ShownForm extends FormState {
  /** Which of the page's forms was sent; it is shown open. */
  name?: FormName;
  refusal?: string;
}

/** The labels of all fields, for the summary of what is wrong. */
export const labelsOf = ({ t }: View): Record<string, string> =>
  Object.fromEntries(
    Object.entries(FORM_FIELDS).flatMap(([form, names]) =>
      names.map((name) => [`${form}.${name}`, t(`funds:${form}.${name}`)]),
    ),
  );

export interface FormProps {
  view: View;
  fund: FundView;
  form: ShownForm;
  /** The open funds, where money can be carried over to. */
  funds: FundName[];
  variant: ButtonVariant;
  open: boolean;
}

/** What a form's field needs to be shown. */
export const fieldsOf =
  ({ view: { t }, form }: FormProps, name: FormName) =>
  (field: string) => ({
    t,
    form,
    name: `${name}.${field}`,
    label: t(`funds:${name}.${field}`),
  });

interface FoldedProps {
  of: FormProps;
  name: FormName;
  /** Where it goes below the fund's address. */
  action: string;
  children: ComponentChildren;
}

/** A form behind its name, so that a fund's page is no wall of fields. */
export const FoldedForm = ({ of, name, action, children }: FoldedProps) => (
  <details class="fold" id={name} open={of.open || of.form.name === name}>
    <summary>{of.view.t(`funds:${name}.title`)}</summary>
    <PostForm action={`/funds/${of.fund.id}/${action}`}>
      <IdempotencyField value={newId()} />
      {children}
      <SubmitButton variant={name === 'closing' ? 'stop' : of.variant}>
        {of.view.t(`funds:${name}.button`)}
      </SubmitButton>
    </PostForm>
  </details>
);

export function ContributionForm(props: FormProps) {
  const { t } = props.view;
  const field = fieldsOf(props, 'contribution');
  return (
    <FoldedForm of={props} name="contribution" action="contributions">
      <MoneyField {...field('amount')} required />
      <DayField {...field('receivedOn')} required />
      <TextField {...field('source')} help={t('funds:contribution.sourceHelp')} required />
      <TextField {...field('reference')} help={t('funds:contribution.referenceHelp')} />
    </FoldedForm>
  );
}

export function PromiseForm(props: FormProps) {
  const { t } = props.view;
  const field = fieldsOf(props, 'promise');
  return (
    <FoldedForm of={props} name="promise" action="promises">
      <p class="help">{t('funds:promise.help')}</p>
      <MoneyField {...field('amount')} required />
      <DayField {...field('expectedOn')} required />
      <TextField {...field('source')} help={t('funds:contribution.sourceHelp')} required />
      <TextField {...field('reference')} help={t('funds:promise.referenceHelp')} />
    </FoldedForm>
  );
}

export function AllocationForm(props: FormProps) {
  const { view, fund } = props;
  const { t } = view;
  const field = fieldsOf(props, 'allocation');
  const directions = ['add', 'back'].map((value) => ({
    value,
    label: t(`funds:allocation.${value}`),
    help: t(`funds:allocation.${value}Help`),
  }));
  return (
    <FoldedForm of={props} name="allocation" action="allocations">
      <p>{t('funds:allocation.unallocated', { amount: yen(fund.unallocated) })}</p>
      <SelectField
        {...field('line')}
        options={lineOptions(t, fund.rules)}
        empty={t('common:form.choose')}
        required
      />
      <RadioField {...field('direction')} options={directions} required />
      <MoneyField {...field('amount')} required />
    </FoldedForm>
  );
}
