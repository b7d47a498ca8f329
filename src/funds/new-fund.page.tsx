import { CATEGORIES } from '../kernel/codes.js';
import { newId } from '../kernel/ids.js';
import {
  ChecksField,
  DayField,
  ErrorSummary,
  FieldsBeside,
  IdempotencyField,
  MoneyField,
  NumberField,
  PostForm,
  RadioField,
  SubmitButton,
  TextArea,
  TextField,
  valueAt,
} from '../web/forms.js';
import { Page, renderPage } from '../web/page.js';
import { Card, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { ShownForm } from './fund-forms.js';
import { FUND_PREFECTURES, MOVE_BASES, PAYMENT_METHODS } from './fund-rules.dto.js';
import { FUND_KINDS } from './funds.dto.js';

const FIELDS = ['code', 'name', 'kind', 'from', 'to', 'source'];
const RULES = [
  'note',
  'categories',
  'paymentMethods',
  'capPerPerson',
  'capPerHousehold',
  'moveLimit.percent',
  'moveLimit.of',
  'prefectures',
];

export function newFundPage(view: View, form: ShownForm): string {
  const { t } = view;
  const labels: Record<string, string> = Object.fromEntries([
    ...FIELDS.map((name) => [name, t(`funds:create.${name}`)]),
    ...RULES.map((name) => [`rules.${name}`, t(`funds:rule.${name}`)]),
  ]);
  const kinds = FUND_KINDS.map((value) => ({
    value,
    label: t(`funds:kinds.${value}`),
    help: t(`funds:kindHelp.${value}`),
  }));
  const field = (name: string) => ({ t, form, name, label: labels[name]! });
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
          <TextField {...field('source')} help={t('funds:create.sourceHelp')} />
          <DayField {...field('from')} required />
          <DayField {...field('to')} help={t('funds:create.toHelp')} />
          <TextArea {...field('rules.note')} help={t('funds:rule.noteHelp')} />
          <RulesFields view={view} form={form} field={field} />
          <SubmitButton>{t('funds:create.button')}</SubmitButton>
        </PostForm>
      </Card>
    </Page>,
  );
}

interface RulesProps {
  view: View;
  form: ShownForm;
  field: (name: string) => { t: View['t']; form: ShownForm; name: string; label: string };
}

/** Most funds have none of these; they stand open once one is used. */
function RulesFields({ view: { t }, form, field }: RulesProps) {
  const isUsed = (name: string): boolean => {
    const path = `rules.${name}`;
    return Boolean(valueAt(form.values, path)) || form.errors.some((error) => error.path === path);
  };
  const used = RULES.filter((name) => name !== 'note' && name !== 'moveLimit.of').some(isUsed);
  const options = (codes: readonly string[], words: string) =>
    codes.map((value) => ({ value, label: t(`${words}.${value}`) }));
  return (
    <details class="fold" open={used}>
      <summary>{t('funds:rule.more')}</summary>
      <p class="help">{t('funds:rule.moreHelp')}</p>
      <ChecksField {...field('rules.categories')} options={options(CATEGORIES, 'common:categories')} />
      <ChecksField {...field('rules.paymentMethods')} options={options(PAYMENT_METHODS, 'funds:methods')} />
      <FieldsBeside>
        <MoneyField {...field('rules.capPerPerson')} />
        <MoneyField {...field('rules.capPerHousehold')} />
      </FieldsBeside>
      <NumberField {...field('rules.moveLimit.percent')} help={t('funds:rule.percentHelp')} unit="%" />
      <RadioField {...field('rules.moveLimit.of')} options={options(MOVE_BASES, 'funds:rule.bases')} />
      <details class="fold" open={isUsed('prefectures')}>
        <summary>{t('funds:rule.prefecturesMore')}</summary>
        <ChecksField
          {...field('rules.prefectures')}
          options={options(FUND_PREFECTURES, 'common:prefectures')}
        />
      </details>
    </details>
  );
}
