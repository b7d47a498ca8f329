import { Card, Rows } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { SimilarCount } from './similar.queries.js';

/** On a page about a request: of whom it names others may be the same, how close the closest is, and where to compare. */
export function SimilarCard({ view: { t }, counts }: { view: View; counts: readonly SimilarCount[] }) {
  if (counts.length === 0) return null;
  return (
    <Card id="similar" title={t('people:similar.card')} accent="lamp">
      <Rows
        items={counts.map(({ id, code, count, best }) => ({
          title: t('people:similar.cardFound', { code, count, score: best }),
          side: (
            <a href={`/people/${id}/similar`} aria-label={t('people:similar.compareOf', { code })}>
              {t('people:similar.compare')}
            </a>
          ),
        }))}
      />
    </Card>
  );
}
