import { CATEGORIES } from '../kernel/codes.js';
import { newId } from '../kernel/ids.js';
import {
  FieldsBeside,
  IdempotencyField,
  MoneyField,
  NumberField,
  PostForm,
  SelectField,
  SubmitButton,
  TextArea,
  valueAt,
  type FormState,
} from '../web/forms.js';
import { Card, Table, type Column } from '../web/parts.js';
import type { View } from '../web/view.js';
import { nested, type Fields } from './filing.input.js';
import { CAP_OWNERS, MOST_CAPS, MOST_TIERS } from './policy-rules.js';

const isFilled = (row: unknown): boolean =>
  typeof row === 'object' &&
  row !== null &&
  Object.values(row).some((value) => typeof value !== 'string' || value.trim() !== '');

const filled = (rows: unknown): unknown[] => (Array.isArray(rows) ? rows.filter(isFilled) : []);

/** What the form sent, without its empty rows: the same for the service and to be shown again. */
export function proposalOf(body: Fields): Fields {
  const { rules, reason } = nested(body);
  const { windowDays, tiers, urgent, repeatDays, caps } = (
    typeof rules === 'object' && rules !== null ? rules : {}
  ) as Fields;
  return {
    rules: { windowDays, tiers: filled(tiers), urgent, repeatDays, caps: filled(caps) },
    reason,
  };
}

const LABELS = {
  'rules.windowDays': 'windowDays',
  'rules.tiers': 'tiers',
  'rules.tiers.*.upTo': 'upTo',
  'rules.tiers.*.approvers': 'approvers',
  'rules.tiers.*.board': 'board',
  'rules.urgent.upTo': 'urgentUpTo',
  'rules.urgent.confirmWithinDays': 'confirmWithinDays',
  'rules.repeatDays': 'repeatDays',
  'rules.caps': 'caps',
  'rules.caps.*.per': 'per',
  'rules.caps.*.category': 'category',
  'rules.caps.*.days': 'days',
  'rules.caps.*.amount': 'amount',
  reason: 'reason',
};

/** The names of the form's fields, for the summary of what is wrong. */
export const labelsOf = ({ t }: View): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(LABELS).map(([path, word]) => [path, t(`policy:form.${word}`)])),
  refusal: t('policy:proposed.refuseReason'),
});

interface FormProps {
  view: View;
  form: FormState;
}

/** A field of a row: its column's heading is its label, read out with the row's number. */
const inRow = ({ view: { t }, form }: FormProps, rows: 'tiers' | 'caps', index: number, name: string) => {
  const row = t(`policy:form.${rows === 'tiers' ? 'tierNumber' : 'capNumber'}`, { number: index + 1 });
  const label = row + t('common:part.gap') + t(`policy:form.${name}`);
  return { t, form, name: `rules.${rows}.${index}.${name}`, label, hideLabel: true };
};

/** As many rows as there are, and some empty ones to write in. */
function rowsOf({ form }: FormProps, rows: 'tiers' | 'caps', spare: number, most: number): number[] {
  const there = valueAt(form.values, `rules.${rows}`);
  const count = Array.isArray(there) ? there.length : 0;
  return Array.from({ length: Math.max(count, Math.min(count + spare, most)) }, (_, index) => index);
}

function TierRows(props: FormProps) {
  const { t } = props.view;
  const people = (name: string): Column<number> => ({
    head: t(`policy:form.${name}`),
    numeric: true,
    cell: (index) => <NumberField {...inRow(props, 'tiers', index, name)} unit={t('policy:form.people')} />,
  });
  return (
    <Table
      caption={t('policy:form.tiers')}
      captionHidden
      phone="cards"
      rows={rowsOf(props, 'tiers', 1, MOST_TIERS)}
      columns={[
        {
          head: t('policy:form.tier'),
          oneLine: true,
          cell: (index) => t('policy:form.tierNumber', { number: index + 1 }),
        },
        {
          head: t('policy:form.upTo'),
          numeric: true,
          cell: (index) => <MoneyField {...inRow(props, 'tiers', index, 'upTo')} />,
        },
        people('approvers'),
        people('board'),
      ]}
    />
  );
}

function CapRows(props: FormProps) {
  const { t } = props.view;
  return (
    <Table
      caption={t('policy:form.caps')}
      captionHidden
      phone="cards"
      rows={rowsOf(props, 'caps', 2, MOST_CAPS)}
      columns={[
        {
          head: t('policy:form.cap'),
          oneLine: true,
          cell: (index) => t('policy:form.capNumber', { number: index + 1 }),
        },
        {
          head: t('policy:form.per'),
          cell: (index) => (
            <SelectField
              {...inRow(props, 'caps', index, 'per')}
              empty="—"
              options={CAP_OWNERS.map((value) => ({ value, label: t(`policy:owners.${value}`) }))}
            />
          ),
        },
        {
          head: t('policy:form.category'),
          cell: (index) => (
            <SelectField
              {...inRow(props, 'caps', index, 'category')}
              empty={t('policy:points.allCategories')}
              options={CATEGORIES.map((value) => ({ value, label: t(`common:categories.${value}`) }))}
            />
          ),
        },
        {
          head: t('policy:form.days'),
          numeric: true,
          cell: (index) => (
            <NumberField {...inRow(props, 'caps', index, 'days')} unit={t('policy:form.day')} />
          ),
        },
        {
          head: t('policy:form.amount'),
          numeric: true,
          cell: (index) => <MoneyField {...inRow(props, 'caps', index, 'amount')} />,
        },
      ]}
    />
  );
}

/** The whole table to be changed; it begins as the one in force. */
export function ProposalForm(props: FormProps) {
  const { view, form } = props;
  const { t } = view;
  const labels = labelsOf(view);
  const field = (name: keyof typeof LABELS) => ({ t, form, name, label: labels[name]!, required: true });
  const day = t('policy:form.day');
  return (
    <Card title={t('policy:form.title')} id="propose">
      <p>{t('policy:form.lead')}</p>
      <PostForm action="/policy">
        <IdempotencyField value={newId()} />
        <FieldsBeside>
          <NumberField {...field('rules.windowDays')} unit={day} />
          <NumberField {...field('rules.repeatDays')} unit={day} />
        </FieldsBeside>
        <FieldsBeside>
          <MoneyField {...field('rules.urgent.upTo')} help={t('policy:form.urgentUpToHelp')} />
          <NumberField {...field('rules.urgent.confirmWithinDays')} unit={day} />
        </FieldsBeside>
        <h3 id="rules-tiers">{t('policy:form.tiers')}</h3>
        <p>{t('policy:form.tiersHelp')}</p>
        <TierRows {...props} />
        <h3 id="rules-caps">{t('policy:form.caps')}</h3>
        <p>{t('policy:form.capsHelp')}</p>
        <CapRows {...props} />
        <TextArea {...field('reason')} help={t('policy:form.reasonHelp')} />
        <SubmitButton variant="ghost">{t('policy:form.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
