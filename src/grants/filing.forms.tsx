import { newId } from '../kernel/ids.js';
import { MOST_FILES } from '../platform/upload.js';
import { FileField, IdempotencyField, RadioField, SubmitButton, TextArea } from '../web/forms.js';
import { renderPage } from '../web/page.js';
import { Card } from '../web/parts.js';
import { StepForm, StepPage, type ShownStep } from './filing.views.js';
import { URGENCIES } from './grant-request.entity.js';
import { AttachmentList } from './request-parts.js';

/** Step 2. */
export function urgencyPage(shown: ShownStep): string {
  const { view, form } = shown;
  const { t } = view;
  return renderPage(
    <StepPage shown={shown} step="urgency" labels={{ urgency: t('filing:urgency.urgency') }}>
      <StepForm shown={shown} step="urgency">
        <RadioField
          {...{ t, form, name: 'urgency', hideLabel: true }}
          label={t('filing:urgency.urgency')}
          options={URGENCIES.map((value) => ({
            value,
            label: t(`common:urgency.${value}`),
            help: t(`filing:urgency.${value}Help`),
          }))}
        />
      </StepForm>
    </StepPage>,
  );
}

/** Step 5. One form, so that the text is kept whatever comes of the file. */
export function reasonPage(shown: ShownStep): string {
  const { view, form, request } = shown;
  const { t } = view;
  return renderPage(
    <StepPage
      shown={shown}
      step="reason"
      labels={{ reason: t('filing:reason.reason'), file: t('filing:reason.file') }}
    >
      <StepForm shown={shown} step="reason" multipart>
        <IdempotencyField value={newId()} />
        <Card>
          <TextArea
            {...{ t, form, name: 'reason', required: true, rows: 6 }}
            label={t('filing:reason.reason')}
            help={
              <>
                {t('filing:reason.reasonHelp')}
                <br />
                {t('filing:reason.sensitive')}
              </>
            }
          />
        </Card>
        <Card title={t('filing:reason.filesTitle')}>
          <p class="help">{t('filing:reason.filesHelp')}</p>
          <AttachmentList view={view} grant={request} removable />
          <FileField
            {...{ t, form, name: 'file', multiple: true }}
            label={t('filing:reason.file')}
            help={t('filing:reason.fileHelp', { most: MOST_FILES })}
            accept="image/jpeg,image/png,image/webp,image/avif,application/pdf"
          />
          <SubmitButton variant="ghost" name="attach" value="true">
            {t('filing:reason.attach')}
          </SubmitButton>
        </Card>
      </StepForm>
    </StepPage>,
  );
}
