import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Clock } from '../platform/clock.js';
import { Keyring } from '../platform/encryption.js';

const KEPT_MS = 30 * 60_000;
const PLACE = 'kept-form';
// What comes back sealed and written in letters is a third longer, and must stay below the limit of a body.
const LARGEST = 500_000;

/** The field of a form in which a code is typed before something that matters; it never reaches the form itself. */
export const STEP_UP_FIELD = 'stepUpCode';

export type Fields = Record<string, string | string[]>;

/** A form that was sent without a session: where it was going, and everything that was typed. */
export interface KeptForm {
  path: string;
  fields: Fields;
}

/**
 * Keeps a form whose session ended, so that nothing typed is lost: sealed in the page that asks to sign in, and
 * nowhere else. A stranger can so store nothing with us, and nobody reads in the page what was typed.
 */
@Injectable()
export class KeptForms {
  constructor(
    private readonly keyring: Keyring,
    private readonly clock: Clock,
  ) {}

  /** Seals what was sent; null when it is no form of a page, carries files or is too large to go to and fro. */
  keep(request: FastifyRequest): string | null {
    const fields = fieldsOf(request);
    if (!fields) return null;
    const form = { path: request.url, fields, until: this.clock.now().getTime() + KEPT_MS };
    const text = JSON.stringify(form);
    return text.length > LARGEST ? null : this.keyring.sealing().seal(text, PLACE).toString('base64url');
  }

  /** What was kept, for half an hour; null when it is too old or not ours. */
  open(sealed: unknown): KeptForm | null {
    if (typeof sealed !== 'string' || sealed === '') return null;
    try {
      const bytes = Buffer.from(sealed, 'base64url');
      const { until, ...form } = JSON.parse(this.keyring.keyOf(bytes).open(bytes, PLACE)) as KeptForm & {
        until: number;
      };
      return until > this.clock.now().getTime() ? form : null;
    } catch {
      return null;
    }
  }
}

/** The fields of a page's form, without the code for stepping up; null when the request carries no such form. */
export function fieldsOf({ method, headers, body }: FastifyRequest): Fields | null {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded');
  if (method !== 'POST' || !isForm || typeof body !== 'object' || body === null) return null;
  const { [STEP_UP_FIELD]: _, ...fields } = body as Fields;
  return fields;
}
