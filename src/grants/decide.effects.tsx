import type { LineFacts } from '../funds/index.js';
import { rangeText, yen } from '../web/format.js';
import { SelectField, type FormState } from '../web/forms.js';
import { Meter, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { Budgets } from './beside-request.queries.js';
import { effectsOf, type Effect, type LineChoice } from './decide-form.js';

interface EffectsProps {
  view: View;
  budgets: Budgets;
  choices: LineChoice[];
  form: FormState;
  /** Where a changed form is sent to see its consequence; null when there is nothing to choose. */
  preview: string | null;
}

/**
 * What the decision would do to each budget, where its money is chosen. With script it follows each change by
 * itself, and leaves alone what is being typed.
 */
export function Effects({ budgets, preview, ...shown }: EffectsProps) {
  const follow = {
    'hx-post': preview,
    'hx-trigger': 'change from:"closest form"',
    'hx-select': '#effects',
    'hx-swap': 'outerMorph',
    'hx-sync': 'this:replace',
  };
  return (
    <div id="effects" aria-live="polite" {...(preview ? follow : {})}>
      {effectsOf(shown.choices, budgets).map((effect) => (
        <EffectOf key={effect.need} {...shown} effect={effect} toChoose={preview !== null} />
      ))}
    </div>
  );
}

interface EffectProps {
  view: View;
  form: FormState;
  effect: Effect;
  toChoose: boolean;
}

function EffectOf({ view, form, effect, toChoose }: EffectProps) {
  const { t } = view;
  const { need, choices, meters, alsoAsked } = effect;
  const category = needText(view, need);
  return (
    <div class="field">
      {toChoose ? (
        choices.map((choice) => (
          <BudgetField
            key={choice.index}
            view={view}
            form={form}
            choice={choice}
            label={
              choices.length > 1
                ? t('grants:budgetOfItem', { category, item: choice.line.item })
                : t('grants:budgetOf', { category })
            }
          />
        ))
      ) : (
        <h3>{t('grants:budgetOf', { category })}</h3>
      )}
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

/** Which fund pays for a line; nothing to choose where no fund can. */
function BudgetField({ view, form, choice, label }: BudgetFieldProps) {
  const { t } = view;
  const { index, options, chosen } = choice;
  const name = `lines.${index}.budgetLineId`;
  return (
    <SelectField
      t={t}
      form={{ ...form, values: { [name]: chosen?.id } }}
      name={name}
      label={label}
      empty={options.length === 0 ? t('grants:noBudgetChoice') : undefined}
      options={options.map((budget) => ({ value: budget.id, label: budgetText(view, budget) }))}
    />
  );
}

const needText = ({ t }: View, need: string): string =>
  need === 'activity' ? t('common:purposes.activity') : t(`common:categories.${need}`);

const budgetText = (view: View, { fundName, startsOn, endsOn }: LineFacts): string =>
  view.t('grants:fundWithPeriod', { fund: fundName, period: rangeText(startsOn, endsOn, view) });
