import { CATEGORIES } from '../kernel/codes.js';
import { sumYen } from '../kernel/money.js';
import { newId } from '../kernel/ids.js';
import { VENDOR_KINDS, type VendorView } from '../organisations/index.js';
import { yen } from '../web/format.js';
import {
  CheckField,
  DayField,
  FieldsBeside,
  HiddenField,
  IdempotencyField,
  MoneyField,
  NumberField,
  RadioField,
  SelectField,
  SubmitButton,
  TextField,
  valueAt,
} from '../web/forms.js';
import { renderPage, type View } from '../web/page.js';
import { Buttons, Card, Row } from '../web/parts.js';
import { NEW_VENDOR, subtotalOf, type Fields } from './filing.input.js';
import { StepForm, StepPage, stepPath, type ShownStep } from './filing.views.js';
import { PAYEES } from './grant-request.entity.js';
import { MAX_LINES } from './grants.dto.js';
import type { LineView } from './grants.views.js';

const LINE_FIELDS = ['category', 'item', 'unitPrice', 'quantity', 'spentOn', 'periodFrom', 'periodTo'];
const PAYEE_FIELDS = ['type', 'vendorId', 'name', 'kind'];

const amountText = (amount: number | null): string => (amount === null ? '—' : yen(amount));

/** Step 3. `form.values.lines` holds the lines as they are stored, or as they were typed. */
export function linesPage(shown: ShownStep): string {
  const { view, form, request, fromCheck } = shown;
  const { t } = view;
  const lines = form.values.lines as Fields[];
  const subtotals = lines.map(subtotalOf);
  const total = subtotals.some((one) => one === null) ? null : sumYen(subtotals as number[]);
  return renderPage(
    <StepPage
      shown={shown}
      step="lines"
      labels={Object.fromEntries(LINE_FIELDS.map((name) => [`lines.*.${name}`, t(`filing:lines.${name}`)]))}
    >
      <StepForm shown={shown} step="lines">
        {lines.map((line, index) => (
          <LineCard key={index} {...{ shown, line, index, subtotal: subtotals[index]! }} />
        ))}
        {lines.length < MAX_LINES && (
          <Buttons>
            <SubmitButton
              variant="ghost"
              name="add"
              value="true"
              action={`${stepPath(request.id, 'lines', fromCheck)}#line-${lines.length}`}
            >
              {t('common:action.add')}
            </SubmitButton>
          </Buttons>
        )}
        <Card>
          <Row>
            <span>{t('filing:lines.total')}</span>
            <b class="large" data-total="">
              {amountText(total)}
            </b>
          </Row>
        </Card>
      </StepForm>
    </StepPage>,
  );
}

interface LineProps {
  shown: ShownStep;
  line: Fields;
  index: number;
  subtotal: number | null;
}

function LineCard({ shown, line, index, subtotal }: LineProps) {
  const { view, form, request, fromCheck } = shown;
  const { t } = view;
  const at = (name: string) => ({ t, form, name: `lines.${index}.${name}` });
  const relief = request.kind === 'relief';
  return (
    <Card
      id={`line-${index}`}
      title={t('filing:lines.line', { line: index + 1 })}
      action={
        <SubmitButton
          variant="quiet"
          name="remove"
          value={String(index)}
          action={`${stepPath(request.id, 'lines', fromCheck)}#line-${Math.max(0, index - 1)}`}
          attributes={{ 'aria-label': t('filing:lines.removeLine', { line: index + 1 }) }}
        >
          {t('common:action.remove')}
        </SubmitButton>
      }
    >
      <PayeeKept line={line} index={index} />
      {relief && (
        <SelectField
          {...at('category')}
          required
          label={t('filing:lines.category')}
          empty={t('common:form.choose')}
          options={CATEGORIES.map((value) => ({ value, label: t(`common:categories.${value}`) }))}
        />
      )}
      <TextField
        {...at('item')}
        required
        label={t('filing:lines.item')}
        help={t(relief ? 'filing:lines.itemHelp' : 'filing:lines.itemHelpActivity')}
      />
      <FieldsBeside>
        <MoneyField {...at('unitPrice')} required label={t('filing:lines.unitPrice')} />
        <NumberField {...at('quantity')} required label={t('filing:lines.quantity')} />
      </FieldsBeside>
      <Row>
        <span>{t('filing:lines.subtotal')}</span>
        <b class="large" data-subtotal={`lines.${index}`}>
          {amountText(subtotal)}
        </b>
      </Row>
      <div class="asks">
        <CheckField {...at('spent')} label={t('filing:lines.spent')} />
        <div class="further">
          <DayField {...at('spentOn')} label={t('filing:lines.spentOn')} />
        </div>
      </div>
      <Period at={at} t={t} />
    </Card>
  );
}

/** The payee is the next step's; it goes along, so that it stays with its line when another one is removed. */
const PayeeKept = ({ line, index }: Pick<LineProps, 'line' | 'index'>) => (
  <>
    {['payee.type', 'payee.vendorId'].map((name) => {
      const value = valueAt(line, name);
      return value ? <HiddenField key={name} name={`lines.${index}.${name}`} value={String(value)} /> : null;
    })}
  </>
);

type At = (name: string) => Pick<Parameters<typeof DayField>[0], 't' | 'form' | 'name'>;

function Period({ at, t }: { at: At; t: View['t'] }) {
  const fields = [at('periodFrom'), at('periodTo')];
  const used = fields.some(
    ({ form, name }) => valueAt(form.values, name) || form.errors.some(({ path }) => path === name),
  );
  return (
    <details open={used}>
      <summary>{t('filing:lines.period')}</summary>
      <FieldsBeside>
        <DayField {...fields[0]!} label={t('filing:lines.periodFrom')} />
        <DayField {...fields[1]!} label={t('filing:lines.periodTo')} />
      </FieldsBeside>
    </details>
  );
}

/** Step 4: whom each line is paid to. */
export function payeePage(shown: ShownStep, vendors: readonly VendorView[]): string {
  const { view, request } = shown;
  const { t } = view;
  return renderPage(
    <StepPage
      shown={shown}
      step="payee"
      labels={Object.fromEntries(
        PAYEE_FIELDS.map((name) => [`lines.*.payee.${name}`, t(`filing:payee.${name}`)]),
      )}
    >
      <StepForm shown={shown} step="payee">
        <IdempotencyField value={newId()} />
        {request.lines.map((line, index) => (
          <PayeeCard key={line.id} {...{ shown, line, index, vendors }} />
        ))}
      </StepForm>
    </StepPage>,
  );
}

interface PayeeProps {
  shown: ShownStep;
  line: LineView;
  index: number;
  vendors: readonly VendorView[];
}

// Nobody is helped in person by activity costs, so nobody can be paid in person.
const payeesOf = (kind: string) => PAYEES.filter((payee) => kind === 'relief' || payee !== 'person');

function PayeeCard({ shown, line, index, vendors }: PayeeProps) {
  const { view, form, request } = shown;
  const { t } = view;
  const at = (name: string) => ({ t, form, name: `lines.${index}.payee.${name}` });
  return (
    <Card title={line.item} action={<span class="large">{yen(line.amount)}</span>}>
      <div class="asks">
        <RadioField
          {...at('type')}
          required
          label={t('filing:payee.type')}
          options={payeesOf(request.kind).map((value) => ({
            value,
            label: t(`filing:payee.${value}`),
            help: t(`filing:payee.${value}Help`),
          }))}
        />
        <div class="further asks">
          {vendors.length === 0 ? (
            <HiddenField name={at('vendorId').name} value={NEW_VENDOR} />
          ) : (
            <SelectField
              {...at('vendorId')}
              label={t('filing:payee.vendorId')}
              empty={t('common:form.choose')}
              options={[
                ...vendors.map(({ id, name }) => ({ value: id, label: name })),
                { value: NEW_VENDOR, label: t('filing:payee.newVendor') },
              ]}
            />
          )}
          <div class={vendors.length > 0 ? 'further' : undefined}>
            <TextField {...at('name')} label={t('filing:payee.name')} />
            <SelectField
              {...at('kind')}
              label={t('filing:payee.kind')}
              empty={t('common:form.choose')}
              options={VENDOR_KINDS.map((value) => ({ value, label: t(`filing:payee.kinds.${value}`) }))}
            />
          </div>
        </div>
      </div>
    </Card>
  );
}
