import { hasRole, type Actor } from '../kernel/actor.js';
import { yen } from '../web/format.js';
import { SubmitButton } from '../web/forms.js';
import { Buttons, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { MissingApproval } from './approval-policy.js';
import type { Budgets } from './beside-request.queries.js';
import { Consequences } from './decide.effects.js';
import { totalOf, type LineChoice } from './decide-form.js';
import type { DecisionView } from './decision.views.js';
import type { PolicyRules } from './policy-rules.js';
import { decidersText } from './request-parts.js';

interface ApprovingProps {
  actor: Actor;
  view: View;
  budgets: Budgets;
  choices: LineChoice[];
  decision: DecisionView;
  rules: PolicyRules;
}

/** The button that decides, with what it does; or why this reader's yes is not wanted to this set. */
export function Approving(props: ApprovingProps) {
  const { view, budgets, choices, decision } = props;
  const { t } = view;
  const total = totalOf(choices);
  if (decision.barred) {
    const { missing } = decision;
    return (
      <Note>
        {t(`errors:${decision.barred}`)}
        {missing.length > 0 && ` ${t('decide:outcome.stillMissing', { who: decidersText(t, missing) })}`}{' '}
        {t('decide:outcome.orChange')}
      </Note>
    );
  }
  return (
    <Buttons>
      <div>
        <Consequences view={view} budgets={budgets} choices={choices} />
      </div>
      <SubmitButton name="approving" value={String(total)} amountLabel={t('grants:approveLabel')}>
        {t('grants:approve', { amount: yen(total) })}
      </SubmitButton>
      <p class="help">{outcomeText(props)}</p>
    </Buttons>
  );
}

/** What the reader's yes would do now: commit the money, or wait for whom. */
function outcomeText({ view: { t }, actor, decision, rules }: ApprovingProps): string {
  const { required, missing } = decision;
  const left = afterMine(actor, missing);
  if (left.length > 0) return t('decide:outcome.waits', { who: decidersText(t, left) });
  if (!required.urgent) return t('decide:outcome.commits');
  return t('decide:outcome.urgent', { count: rules.urgent.confirmWithinDays });
}

/** Who is missing still once the reader has agreed. */
function afterMine(actor: Actor, missing: readonly MissingApproval[]): MissingApproval[] {
  const mine = missing.find(({ role }) => hasRole(actor, role));
  return missing
    .map((one) => (one === mine ? { ...one, count: one.count - 1 } : one))
    .filter(({ count }) => count > 0);
}
