import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Views } from '../access/index.js';
import type { Actor } from '../kernel/actor.js';
import { absent, DomainError, invalid } from '../kernel/errors.js';
import { isId } from '../kernel/ids.js';
import { VendorsService } from '../organisations/index.js';
import { parse } from '../platform/fields.js';
import { onceOfForm, Uploads, type SentForm } from '../platform/upload.js';
import type { FieldError } from '../web/fields.js';
import type { View } from '../web/page.js';
import { NOT_REFUSED, refusable, refusedForm, type Refused } from '../web/refused.js';
import { redirect, send } from '../web/replies.js';
import { AttachmentsService } from './attachments.service.js';
import { DraftsService } from './drafts.service.js';
import { checkPage } from './filing.check.js';
import { reasonPage, urgencyPage } from './filing.forms.js';
import { emptyLine, storedLines, type Fields } from './filing.input.js';
import { linesPage, payeePage } from './filing.lines.js';
import { FilingService } from './filing.service.js';
import { nextStep, stepPath, type DraftStep, type ShownStep } from './filing.views.js';
import { EDITABLE } from './grant-request.states.js';
import { GrantRequestChange } from './grants.dto.js';
import { GrantsQueries } from './grants.queries.js';
import type { GrantRequestView } from './grants.views.js';

/** Which step of which request, and who asks. */
export interface Asked {
  request: FastifyRequest;
  reply: FastifyReply;
  actor: Actor;
  id: string;
  step: DraftStep;
}

/** What was typed, and why it could not be stored. */
interface Tried {
  values?: Fields;
  error?: DomainError;
  /** How the sender named the files that came along. */
  fileNames?: string[];
}

const VENDORS = 200;

/** Shows the steps of a draft, stores what they send, and goes on. */
@Injectable()
export class FilingScreen {
  constructor(
    private readonly views: Views,
    private readonly queries: GrantsQueries,
    private readonly filing: FilingService,
    private readonly drafts: DraftsService,
    private readonly attachments: AttachmentsService,
    private readonly uploads: Uploads,
    private readonly vendors: VendorsService,
  ) {}

  /** Shows a step as it is stored, or as it was typed. A request that can no longer be changed is only read. */
  async show(asked: Asked, { values, error, fileNames = [] }: Tried = {}): Promise<void> {
    const { request, reply, actor, id, step } = asked;
    const [view, draft] = await Promise.all([this.views.of(request), this.queries.view(actor, id)]);
    if (!EDITABLE.includes(draft.status)) return redirect(reply, `/requests/${id}`);
    if (step === 'payee' && draft.lines.length === 0) return redirect(reply, stepPath(id, 'lines'));
    const { status, errors, refusal } = refused(view, error);
    const form = { values: values ?? stored(step, draft), errors: namingFiles(view, errors, fileNames) };
    const shown = { view, form, refusal, request: draft, fromCheck: isFromCheck(request) };
    send(reply, await this.page(actor, step, shown), status);
  }

  /** Stores what a step sent and goes on, to where `work` says or else to the next step. */
  async save(asked: Asked, values: Fields, work: () => Promise<string | void>): Promise<void> {
    try {
      const path = await work();
      redirect(asked.reply, path ?? pathAfter(asked, values));
    } catch (error) {
      await this.show(asked, { values, error: refusable(error) });
    }
  }

  /** The reason and the files: each is stored whatever comes of the other. */
  saveReason(asked: Asked): Promise<void> {
    return this.uploads.receive(asked.request, (form) => this.saveReasonOf(asked, form));
  }

  private async saveReasonOf(asked: Asked, form: SentForm): Promise<void> {
    const { request, reply, actor, id } = asked;
    const { fields } = form;
    const errors: DomainError[] = [];
    for (const work of [
      () => this.changeReason(actor, id, fields),
      () => this.attach(request, actor, id, form),
      () => this.removeFile(actor, id, fields),
    ]) {
      try {
        await work();
      } catch (error) {
        errors.push(refusable(error));
      }
    }
    if (errors.length > 0) {
      const other = errors.find((error) => error.fields.length === 0);
      const error = other ?? invalid(...errors.flatMap((one) => one.fields));
      return this.show(asked, { values: fields, error, fileNames: form.files.map(({ name }) => name) });
    }
    const stays = fields.remove === undefined ? fields.attach && 'attached' : 'removed';
    redirect(reply, stays ? withNotice(asked, stays) : pathAfter(asked, fields));
  }

  private async changeReason(
    actor: Actor,
    id: string,
    { reason, attach, remove, later }: Fields,
  ): Promise<void> {
    const written = typeof reason === 'string' && reason.trim() !== '';
    // Whoever goes on later, or attaches or takes out a file first, may still owe the reason.
    if (!written && [attach, remove, later].every((button) => button === undefined)) {
      throw invalid({ path: 'reason', code: 'required' });
    }
    if (written) await this.filing.change(actor, id, parse(GrantRequestChange, { reason }));
  }

  private async attach(request: FastifyRequest, actor: Actor, id: string, form: SentForm): Promise<void> {
    if (form.fileTooLarge) throw invalid({ path: 'file', code: 'photoTooLarge' });
    if (form.files.length > 0) await this.attachments.add(actor, id, form.files, onceOfForm(request, form));
    else if (form.fields.attach !== undefined) throw invalid({ path: 'file', code: 'fileMissing' });
  }

  private async removeFile(actor: Actor, id: string, { remove }: Fields): Promise<void> {
    if (remove === undefined) return;
    if (!isId(remove)) throw absent();
    await this.attachments.remove(actor, id, remove);
  }

  private async page(actor: Actor, step: DraftStep, shown: ShownStep): Promise<string> {
    const { caseId } = shown.request;
    switch (step) {
      case 'urgency':
        return urgencyPage(shown);
      case 'lines':
        return linesPage(shown);
      case 'payee':
        return payeePage(shown, (await this.vendors.list(actor, { limit: VENDORS })).items);
      case 'reason':
        return reasonPage(shown);
      case 'check':
        return checkPage(shown, caseId ? await this.drafts.whom(actor, caseId) : null);
    }
  }
}

function stored(step: DraftStep, { urgency, reason, lines }: GrantRequestView): Fields {
  switch (step) {
    case 'urgency':
      return { urgency };
    case 'lines':
      return { lines: lines.length > 0 ? storedLines(lines) : [emptyLine()] };
    case 'payee':
      return { lines: lines.map(({ payee }) => ({ payee })) };
    case 'reason':
      return { reason };
    case 'check':
      return {};
  }
}

/** One field takes several files: a fault says which of them it is about. */
const namingFiles = ({ t }: View, errors: FieldError[], names: string[]): FieldError[] =>
  errors.map((error) => {
    const name = names[Number(/^file\.(\d+)$/.exec(error.path)?.[1])];
    const { message } = error;
    return name === undefined
      ? error
      : { ...error, path: 'file', message: t('filing:reason.ofFile', { name, message }) };
  });

const isFromCheck = ({ query }: FastifyRequest): boolean => (query as Fields).from === 'check';

function pathAfter({ request, id, step }: Asked, { later }: Fields): string {
  if (later !== undefined) return '/?done=filing.saved';
  return stepPath(id, isFromCheck(request) ? 'check' : nextStep(step));
}

function withNotice({ request, id, step }: Asked, notice: string): string {
  const path = stepPath(id, step, isFromCheck(request));
  return `${path}${path.includes('?') ? '&' : '?'}done=filing.${notice}`;
}

/** Questions that are answered by choosing. */
const CHOSEN = /(^|\.)(method|language|category|type|vendorId|kind)$/;
const choosing = (path: string, code: string): string => {
  if (code !== 'required') return code;
  if (path === 'needs') return 'chooseSome';
  return CHOSEN.test(path) ? 'chooseOne' : code;
};

/** A refusal as its step shows it, with what fits a question answered by choosing. */
export function refused({ t, language }: View, error?: DomainError): Refused {
  if (!error) return NOT_REFUSED;
  const { kind, code, facts } = error;
  const fields = error.fields.map((fault) => ({ ...fault, code: choosing(fault.path, fault.code) }));
  const shown = refusedForm(new DomainError(kind, code, facts, fields), language);
  // Only somebody who went back to a form that was sent before gets here: it was shown with a new key since.
  return code === 'idempotency.mismatch' ? { ...shown, refusal: t('filing:twice') } : shown;
}
