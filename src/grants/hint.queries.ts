import { Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import type { Actor } from '../kernel/actor.js';
import { CATEGORIES, type Category } from '../kernel/codes.js';
import { absent, conflict, DomainError } from '../kernel/errors.js';
import { Db } from '../platform/db.js';

export const HINT_DAYS = [7, 30, 90] as const;

/** Similar help that somebody gave to likely the same person: no name, no member, no amount. */
export class HintView {
  @ApiProperty({ enum: CATEGORIES })
  category: Category;

  /** Days: the shortest of these spans in which the help was paid for. */
  @ApiProperty({ enum: HINT_DAYS })
  within: (typeof HINT_DAYS)[number];
}

/** Answers that one user gets a day. Each could tell something of a stranger, so nobody may ask for ever. */
const MOST_A_DAY = 20;

type Answer = Partial<HintView> & { submitted: boolean; limited: boolean };

/** What a member may learn of help that others gave (privacy, point 5). */
@Injectable()
export class HintQueries {
  constructor(private readonly db: Db) {}

  /**
   * The hint on a request of the actor's own organisation, or null when there is nothing to say. Each answer counts
   * and is logged, and a refused one too.
   * @throws DomainError `resource.absent`, also when not this member's; `hint.not_submitted`; `hint.limited` after 20
   * answers a day
   */
  async hint(actor: Actor, id: string): Promise<HintView | null> {
    const answer = await this.answer(actor, id);
    if (!answer.submitted) throw conflict('hint.not_submitted');
    if (answer.limited) {
      throw new DomainError('limited', 'hint.limited', { most: MOST_A_DAY, retryAfterSeconds: 24 * 3600 });
    }
    const { category, within } = answer;
    return category && within ? { category, within } : null;
  }

  private answer(actor: Actor, id: string): Promise<Answer> {
    return this.db.write(actor, async (tx) => {
      const [answer] = await tx.query<Answer>('SELECT * FROM hint_of_request($1, $2, $3)', [
        id,
        tx.today,
        MOST_A_DAY,
      ]);
      if (!answer) throw absent();
      const { submitted, limited, category } = answer;
      if (submitted) {
        tx.audit(limited ? 'hint.refused' : 'hint.read', 'grant_request', id, { found: Boolean(category) });
      }
      return answer;
    });
  }
}
