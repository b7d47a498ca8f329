import { PostForm, SubmitButton } from '../web/forms.js';
import { Card, Note } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { GrantRequestView } from './grants.views.js';
import type { HintView } from './hint.queries.js';

interface HintProps {
  view: View;
  grant: GrantRequestView;
  /** What was answered just now: null when there was nothing similar, absent when nobody asked. */
  hint?: HintView | null;
}

/**
 * What a member may learn of help that others gave (privacy, point 5), once its request was submitted. Each answer counts
 * and is logged, so it is asked for and never comes by itself.
 */
export function HintCard({ view: { t }, grant, hint }: HintProps) {
  if (grant.kind !== 'relief' || !grant.submittedAt) return null;
  if (hint !== undefined) {
    return (
      <Card title={t('grants:hint.title')} accent="sky" id="hint">
        <div role="status">
          <Note tone={hint ? 'warn' : 'info'}>
            {hint
              ? t('grants:hint.found', {
                  within: hint.within,
                  category: t(`common:categories.${hint.category}`),
                })
              : t('grants:hint.nothing')}
          </Note>
        </div>
        {hint && <p>{t('grants:hint.next')}</p>}
      </Card>
    );
  }
  return (
    <Card title={t('grants:hint.title')} id="hint">
      <p>{t('grants:hint.lead')}</p>
      <PostForm action={`/requests/${grant.id}/hint`}>
        <SubmitButton variant="ghost">{t('grants:hint.button')}</SubmitButton>
      </PostForm>
    </Card>
  );
}
