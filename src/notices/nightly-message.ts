import { Injectable, type OnModuleInit } from '@nestjs/common';
import { onDuty } from '../kernel/actor.js';
import { newId } from '../kernel/ids.js';
import { LedgerCheck } from '../ledger/index.js';
import { Db } from '../platform/db.js';
import { Jobs } from '../platform/jobs.js';
import { Mail } from '../platform/mail.js';
import { Runtime } from '../platform/runtime.js';
import { SUPPORTED, translator } from '../web/words.js';

/** What the log says of its last night (`log.verified_nightly`). */
interface Night {
  night: string;
  head: { number: number; digest: string } | null;
  events: number;
  differences: number;
}

interface Notice {
  id: string;
  email: string;
  facts: Night & { bookDifferences: number | null };
}

const SEND = 'notices.mail';

/**
 * Tells board members and administrators every night whether log and books are whole, and the head of the log's
 * chain: kept in many mailboxes, it proves later that nothing was cut off at the end (privacy, point 7).
 */
@Injectable()
export class NightlyMessage implements OnModuleInit {
  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
    private readonly mail: Mail,
    private readonly ledger: LedgerCheck,
    private readonly runtime: Runtime,
  ) {}

  onModuleInit(): void {
    this.jobs.handle('log.verified_nightly', ({ payload }) => this.tell(payload as unknown as Night));
    this.jobs.handle(SEND, ({ payload }) => this.send(String(payload.noticeId)));
  }

  /** Notes one notice for each board member and administrator; told twice of the same night, it notes nothing more. */
  private async tell(night: Night): Promise<void> {
    const [books] = await this.ledger.latest(onDuty('figures'), 1);
    const facts = { ...night, bookDifferences: books?.differences.length ?? null };
    await this.db.write(onDuty('messenger'), async (tx) => {
      const users = await tx.query<{ id: string }>(
        `SELECT id FROM users WHERE active AND roles && ARRAY['board', 'admin'] ORDER BY id`,
      );
      const fresh = await tx.query<{ id: string }>(
        `INSERT INTO notices (id, user_id, topic, about, facts, recorded_at)
         SELECT n.id, n.user_id, 'night', $3, $4, $5 FROM unnest($1::uuid[], $2::uuid[]) AS n(id, user_id)
         ON CONFLICT ON CONSTRAINT notices_once DO NOTHING RETURNING id`,
        [users.map(() => newId()), users.map(({ id }) => id), night.night, JSON.stringify(facts), tx.at],
      );
      for (const { id } of fresh) tx.emit(SEND, { noticeId: id });
    });
  }

  /** Mails one notice. A crash between the server's yes and the commit mails it again, with the same id. */
  private send(noticeId: string): Promise<void> {
    return this.db.write(onDuty('messenger'), async (tx) => {
      const [notice] = await tx.query<Notice>(
        `SELECT n.id, u.email, n.facts FROM notices n JOIN users u ON u.id = n.user_id AND u.active
         WHERE n.id = $1 AND n.mailed_at IS NULL FOR UPDATE OF n`,
        [noticeId],
      );
      if (!notice) return;
      await this.mail.send({ id: notice.id, to: notice.email, ...this.wordsOf(notice.facts) });
      await tx.query('UPDATE notices SET mailed_at = $2 WHERE id = $1', [noticeId, tx.at]);
    });
  }

  /** In all languages, one below the other: who reads mail at night has chosen none. */
  private wordsOf({ night, head, events, differences, bookDifferences }: Notice['facts']) {
    const texts = SUPPORTED.map((language) => {
      const t = translator(language);
      const log =
        differences === 0
          ? t('notices:night.logWhole', { events })
          : t('notices:night.logDifferent', { differences });
      const books = bookDifferences === 0 ? t('notices:night.booksWhole') : t('notices:night.booksDifferent');
      const mark = head
        ? t('notices:night.head', { number: head.number, digest: head.digest })
        : t('notices:night.noHead');
      return [t('notices:night.lead', { night }), log, books, mark, t('notices:night.keep')].join('\n');
    });
    const isWhole = differences === 0 && bookDifferences === 0;
    const subjects = SUPPORTED.map((language) =>
      translator(language)(isWhole ? 'notices:night.subject' : 'notices:night.alarm', { night }),
    );
    return {
      subject: subjects.join(' / '),
      text: `${texts.join('\n\n')}\n\n${this.runtime.settings.publicUrl}\n`,
    };
  }
}
