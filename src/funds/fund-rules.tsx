import { yen } from '../web/format.js';
import { Card, Facts } from '../web/parts.js';
import type { View } from '../web/view.js';
import { joined, ruleOnMoves } from './fund-parts.js';
import type { FundView } from './funds.dto.js';

/** Who gives the money and what they ask for; nothing for a fund without either. */
export function Rules({ view, fund: { source, rules } }: { view: View; fund: FundView }) {
  const { t } = view;
  const names = (codes: readonly string[] | undefined, words: string) =>
    codes && joined(t, ...codes.map((code) => t(`${words}.${code}`)));
  const facts = {
    categories: names(rules.categories, 'common:categories'),
    prefectures: names(rules.prefectures, 'common:prefectures'),
    paymentMethods: names(rules.paymentMethods, 'funds:methods'),
    capPerPerson: rules.capPerPerson && yen(rules.capPerPerson),
    capPerHousehold: rules.capPerHousehold && yen(rules.capPerHousehold),
    moves: rules.moveLimit && ruleOnMoves(t, rules),
  };
  const items = [
    ...(source ? [{ label: t('funds:create.source'), value: source }] : []),
    ...Object.entries(facts)
      .filter(([, value]) => value)
      .map(([name, value]) => ({ label: t(`funds:rule.${name}`), value })),
  ];
  if (items.length === 0 && !rules.note) return null;
  return (
    <Card title={t('funds:rules')} accent="sky">
      {rules.note && <p class="lines">{rules.note}</p>}
      {items.length > 0 && <Facts items={items} />}
    </Card>
  );
}
