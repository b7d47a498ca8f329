import type { LineFacts } from '../funds/index.js';
import { rangeText, yen } from '../web/format.js';
import { HiddenField, MoneyField, SelectField, type FormState } from '../web/forms.js';
import { Meter, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { Budgets } from './beside-request.queries.js';
import { effectsOf, restOf, spareOf, type Effect, type LineChoice } from './decide-form.js';
import type { TypedPart } from './decide-input.js';

interface EffectsProps {
  view: View;
  budgets: Budgets;
  choices: LineChoice[];
  form: FormState;
  /** Whether the reader chooses the money, or only looks. */
  toChoose: boolean;
}

/** What the decision would do to each budget, where its money is chosen. */
export const Effects = ({ budgets, ...shown }: EffectsProps) =>
  effectsOf(shown.choices, budgets).map((effect) => (
    <EffectOf key={effect.need} {...shown} effect={effect} />
  ));

interface EffectProps extends Pick<EffectsProps, 'view' | 'form' | 'toChoose'> {
  effect: Effect;
}

function EffectOf({ view, form, effect, toChoose }: EffectProps) {
  const { t } = view;
  const { need, choices, meters, alsoAsked } = effect;
  const category = needText(view, need);
  const several = choices.length > 1;
  return (
    <div class="field">
      {!toChoose && <h3>{t('grants:budgetOf', { category })}</h3>}
      {toChoose &&
        choices.map((choice) => {
          const facts = { category, item: choice.line.item };
          const label = t(several ? 'grants:budgetOfItem' : 'grants:budgetOf', facts);
          return <BudgetField key={choice.place} view={view} form={form} choice={choice} label={label} />;
        })}
      {meters.map(({ budget, now }) => (
        <div key={budget.id}>
          {(meters.length > 1 || !toChoose) && <p>{budgetText(view, budget)}</p>}
          <Meter
            t={t}
            total={budget.available + budget.committed + budget.spent}
            spent={budget.spent}
            committed={budget.committed}
            now={now}
          />
        </div>
      ))}
      {meters.length === 0 && <Note tone="warn">{t('grants:noBudget', { category })}</Note>}
      {alsoAsked > 0 && <p class="help">{t('grants:alsoAsked', { amount: yen(alsoAsked), category })}</p>}
    </div>
  );
}

interface BudgetFieldProps {
  view: View;
  form: FormState;
  choice: LineChoice;
  label: string;
}

/** Which funds pay for a line; nothing to choose where no fund can. */
function BudgetField({ view, form, choice, label }: BudgetFieldProps) {
  const { t } = view;
  const { place, options, chosen, proposal } = choice;
  return (
    <>
      <SelectField
        t={t}
        form={withValue(form, `${place}.budgetLineId`, chosen?.id)}
        name={`${place}.budgetLineId`}
        label={label}
        empty={options.length === 0 ? t('grants:noBudgetChoice') : undefined}
        options={optionsOf(view, options)}
      />
      {proposal !== null && <HiddenField name={`${place}.proposed`} value={proposal} />}
      {options.length > 1 && <Split view={view} form={form} choice={choice} />}
    </>
  );
}

/** Further funds that pay a part of the line. */
function Split({ view, form, choice }: Omit<BudgetFieldProps, 'label'>) {
  const { t } = view;
  const { place, parts, chosen } = choice;
  const spare = spareOf(choice);
  const shown = [...parts.map(({ typed }) => typed), ...(spare ? [spare] : [])];
  const wrong = form.errors.some(({ path }) => path.startsWith(`${place}.parts.`));
  const rest = restOf(choice);
  return (
    <details open={parts.length > 0 || wrong}>
      <summary>{t('decide:split.open')}</summary>
      <p class="help">{t('decide:split.help')}</p>
      {shown.map((typed, index) => (
        <PartFields
          key={typed.place}
          view={view}
          form={form}
          choice={choice}
          typed={typed}
          number={index + 1}
        />
      ))}
      {parts.length > 0 && chosen && rest >= 0 && (
        <p class="help">{t('decide:split.rest', { fund: chosen.fundName, amount: yen(rest) })}</p>
      )}
    </details>
  );
}

interface PartProps extends Omit<BudgetFieldProps, 'label'> {
  typed: TypedPart;
  number: number;
}

function PartFields({ view, form, choice, typed, number }: PartProps) {
  const { t } = view;
  const { place, budgetLineId, amount } = typed;
  return (
    <>
      <SelectField
        t={t}
        form={withValue(form, `${place}.budgetLineId`, budgetLineId)}
        name={`${place}.budgetLineId`}
        label={t('decide:split.budget', { number })}
        empty={t('common:form.choose')}
        options={optionsOf(view, choice.options)}
      />
      <MoneyField
        t={t}
        form={withValue(form, `${place}.amount`, amount)}
        name={`${place}.amount`}
        label={t('decide:split.amount', { number })}
      />
    </>
  );
}

/** What was offered anew stands in the field instead of what was sent. */
const withValue = (form: FormState, name: string, value: unknown): FormState => ({
  ...form,
  values: { [name]: value },
});

const optionsOf = (view: View, options: LineFacts[]) =>
  options.map((budget) => ({ value: budget.id, label: budgetText(view, budget) }));

/** `食料 ¥840,000 → ¥790,000` of each budget that the decision touches, and which of them it empties too far. */
export function Consequences({ view, budgets, choices }: Pick<EffectsProps, 'view' | 'budgets' | 'choices'>) {
  const { t } = view;
  const touched = effectsOf(choices, budgets).flatMap(({ need, meters }) =>
    meters.filter(({ now }) => now > 0).map((meter) => ({ need, several: meters.length > 1, ...meter })),
  );
  return touched.map(({ need, several, budget, now }) => {
    const category = needText(view, need);
    const what = several ? t('grants:fundWithPeriod', { fund: category, period: budget.fundName }) : category;
    const after = budget.available - now;
    return (
      <div key={budget.id}>
        <p class="help">
          {what} {yen(budget.available)} → <b>{yen(after)}</b>
        </p>
        {after < 0 && <p class="error">{t('decide:doesNotFit', { what, amount: yen(-after) })}</p>}
      </div>
    );
  });
}

export const needText = ({ t }: View, need: string | null): string =>
  need === null || need === 'activity' ? t('common:purposes.activity') : t(`common:categories.${need}`);

const budgetText = (view: View, { fundName, startsOn, endsOn }: LineFacts): string =>
  view.t('grants:fundWithPeriod', { fund: fundName, period: rangeText(startsOn, endsOn, view) });
