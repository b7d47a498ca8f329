import type { ComponentChildren } from 'preact';
import { dayOf } from '../kernel/calendar.js';
import { momentText, timeText } from '../web/format.js';
import { ErrorSummary, PostForm, SubmitButton, type FieldError, type FormState } from '../web/forms.js';
import { Page, type View } from '../web/page.js';
import { Buttons, Note, StepProgress } from '../web/parts.js';
import type { GrantRequestView } from './grants.views.js';

/** One thing at a time; somebody new is the second half of the first step. */
export const STEPS = ['who', 'urgency', 'lines', 'payee', 'reason', 'check'] as const;
export type Step = (typeof STEPS)[number];

/** The steps that a draft must exist for. */
export const DRAFT_STEPS = ['urgency', 'lines', 'payee', 'reason', 'check'] as const satisfies Step[];
export type DraftStep = (typeof DRAFT_STEPS)[number];

/** Whoever came from the check goes back there. */
export const stepPath = (id: string, step: DraftStep, fromCheck = false): string =>
  `/requests/${id}/edit/${step}${fromCheck ? '?from=check' : ''}`;

export const nextStep = (step: DraftStep): DraftStep => DRAFT_STEPS[DRAFT_STEPS.indexOf(step) + 1] ?? 'check';

/** What every step is shown with. */
export interface Shown {
  view: View;
  form: FormState;
  /** Why the step was refused, when it is no single field's fault. */
  refusal?: string;
  request?: GrantRequestView;
}

/** A step of a draft that exists. */
export interface ShownStep extends Shown {
  request: GrantRequestView;
  fromCheck: boolean;
}

interface StepPageProps {
  shown: Shown;
  step: Step;
  /** Whose title and lead it has, when not the step's. */
  words?: string;
  /** What the summary of errors calls the fields, in their order on the page. */
  labels?: Record<string, string>;
  back?: { href: string; label: string };
  children: ComponentChildren;
}

/** The page around a step: where one is, when it was saved, and what is wrong. */
export function StepPage({ shown, step, words = step, labels = {}, back, children }: StepPageProps) {
  const { view, form, refusal, request } = shown;
  const { t } = view;
  const returned = request?.status === 'returned';
  const errors = inOrder(form.errors, Object.keys(labels));
  return (
    <Page
      view={view}
      narrow
      title={t(`filing:${words}.title`)}
      lead={t(`filing:${words}.lead`)}
      errors={errors}
      aside={request && savedAt(view, new Date(request.updatedAt))}
      back={back}
      above={
        <StepProgress
          t={t}
          label={returned ? t('filing:answering', { number: request.number }) : t('filing:title')}
          step={STEPS.indexOf(step) + 1}
          of={STEPS.length}
        />
      }
    >
      <ErrorSummary t={t} errors={errors} labels={labels} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      {children}
    </Page>
  );
}

/** Errors from the top of the page to its end, as one corrects them. */
function inOrder(errors: FieldError[], fields: string[]): FieldError[] {
  const place = ({ path }: FieldError): number => {
    const line = Number(/^lines\.(\d+)\./.exec(path)?.[1] ?? 0);
    return line * fields.length + fields.indexOf(path.replace(/^lines\.\d+/, 'lines.*'));
  };
  return errors.toSorted((one, other) => place(one) - place(other));
}

/** `23:14 に自動保存しました`; on another day with that day. */
function savedAt({ t, language, now, today }: View, moment: Date): string {
  const time = dayOf(moment) === today ? timeText(moment) : momentText(moment, language, now);
  return t('common:part.savedAt', { time });
}

interface StepFormProps {
  shown: ShownStep;
  step: DraftStep;
  multipart?: boolean;
  children: ComponentChildren;
}

/** The form of a step, which is saved on the way on and on the way out. */
export function StepForm({ shown, step, multipart, children }: StepFormProps) {
  const { view, request, fromCheck } = shown;
  return (
    <PostForm action={stepPath(request.id, step, fromCheck)} multipart={multipart}>
      <DefaultButton />
      {children}
      <StepButtons t={view.t} next={fromCheck ? 'back' : nextStep(step)} />
    </PostForm>
  );
}

// The Enter key presses the first button of a form, which must not be the one that takes a line away.
const DefaultButton = () => <button type="submit" class="visually-hidden" tabIndex={-1} aria-hidden="true" />;

export const StepButtons = ({ t, next }: { t: View['t']; next: string }) => (
  <Buttons>
    <SubmitButton>{t(`filing:next.${next}`)}</SubmitButton>
    <SubmitButton variant="quiet" name="later" value="true">
      {t('common:action.saveForLater')}
    </SubmitButton>
  </Buttons>
);
