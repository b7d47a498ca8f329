import { newId } from '../kernel/ids.js';
import {
  DayField,
  ErrorSummary,
  IdempotencyField,
  MoneyField,
  PostForm,
  RadioField,
  SelectField,
  SubmitButton,
  TextArea,
  TextField,
  type ButtonVariant,
  type FormState,
} from '../web/forms.js';
import { yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import { lineOptions } from './fund-parts.js';
import { FUND_KINDS, type FundView } from './funds.dto.js';

/** A form as it is shown again: what was typed, what is wrong in which field, and what was refused as a whole. */
export interface ShownForm extends FormState {
  refusal?: string;
}

/** The labels of this form's fields, for the summary of what is wrong. */
export function labelsOf(view: View, form: 'create' | 'contribution' | 'allocation', names: string[]) {
  return Object.fromEntries(
    names.map((name) => [form === 'create' ? name : `${form}.${name}`, view.t(`funds:${form}.${name}`)]),
  );
}

export function newFundPage(view: View, form: ShownForm): string {
  const { t } = view;
  const labels = {
    ...labelsOf(view, 'create', ['code', 'name', 'kind', 'from', 'to']),
    'rules.note': t('funds:create.note'),
  };
  const kinds = FUND_KINDS.map((value) => ({
    value,
    label: t(`funds:kinds.${value}`),
    help: t(`funds:kindHelp.${value}`),
  }));
  const field = (name: string) => ({ t, form, name, label: labels[name as keyof typeof labels] });
  return renderPage(
    <Page
      view={view}
      title={t('funds:create.title')}
      lead={t('funds:create.lead')}
      back={{ href: '/funds', label: t('funds:back') }}
      narrow
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <Card>
        <PostForm action="/funds/new">
          <IdempotencyField value={newId()} />
          <TextField {...field('name')} help={t('funds:create.nameHelp')} required />
          <TextField {...field('code')} help={t('funds:create.codeHelp')} required />
          <RadioField {...field('kind')} options={kinds} required />
          <DayField {...field('from')} required />
          <DayField {...field('to')} help={t('funds:create.toHelp')} />
          <TextArea {...field('rules.note')} help={t('funds:create.noteHelp')} />
          <SubmitButton>{t('funds:create.button')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}

interface FormProps {
  view: View;
  fund: FundView;
  form: FormState;
  variant: ButtonVariant;
}

export function ContributionForm({ view: { t }, fund, form, variant }: FormProps) {
  const field = (name: string) => ({
    t,
    form,
    name: `contribution.${name}`,
    label: t(`funds:contribution.${name}`),
  });
  return (
    <Card title={t('funds:contribution.title')}>
      <PostForm action={`/funds/${fund.id}/contributions`}>
        <IdempotencyField value={newId()} />
        <MoneyField {...field('amount')} required />
        <DayField {...field('receivedOn')} required />
        <TextField {...field('source')} help={t('funds:contribution.sourceHelp')} required />
        <TextField {...field('reference')} help={t('funds:contribution.referenceHelp')} />
        <SubmitButton variant={variant}>{t('funds:contribution.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}

export function AllocationForm({ view: { t }, fund, form, variant }: FormProps) {
  const field = (name: string) => ({
    t,
    form,
    name: `allocation.${name}`,
    label: t(`funds:allocation.${name}`),
  });
  const directions = ['add', 'back'].map((value) => ({
    value,
    label: t(`funds:allocation.${value}`),
    help: t(`funds:allocation.${value}Help`),
  }));
  return (
    <Card title={t('funds:allocation.title')}>
      <p>{t('funds:allocation.unallocated', { amount: yen(fund.unallocated) })}</p>
      <PostForm action={`/funds/${fund.id}/allocations`}>
        <IdempotencyField value={newId()} />
        <SelectField {...field('line')} options={lineOptions(t)} empty={t('common:form.choose')} required />
        <RadioField {...field('direction')} options={directions} required />
        <MoneyField {...field('amount')} required />
        <SubmitButton variant={variant}>{t('funds:allocation.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
