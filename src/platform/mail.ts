import { Injectable, Logger } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import { Runtime } from './runtime.js';

export interface Letter {
  /** The same letter sent twice carries the same id, by which mail programs see that it is one. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** For so long a silent mail server is waited for, in milliseconds; whoever mails may hold a transaction meanwhile. */
const PATIENCE = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** Plain mails by `SMTP_URL`; without it each is shown in the log of the process, without whom it is for. */
@Injectable()
export class Mail {
  private readonly log = new Logger('Mail');
  private readonly from: string;
  private readonly transport?: ReturnType<typeof createTransport>;

  constructor({ settings }: Runtime) {
    const { SMTP_URL, MAIL_FROM, publicUrl } = settings;
    this.from = MAIL_FROM ?? `sasae@${new URL(publicUrl).hostname}`;
    if (SMTP_URL) {
      const closed = { disableFileAccess: true, disableUrlAccess: true };
      this.transport = createTransport({ url: SMTP_URL, ...PATIENCE, ...closed });
    }
  }

  /** @throws Error when the mail server does not take it now */
  async send({ id, to, subject, text }: Letter): Promise<void> {
    if (!this.transport) {
      this.log.warn(`No SMTP_URL, so this mail stays here: ${subject}\n${text}`);
      return;
    }
    const messageId = `<${id}@${this.from.split('@')[1]}>`;
    await this.transport.sendMail({ messageId, from: this.from, to, subject, text });
  }
}
