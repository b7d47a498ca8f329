import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentActor, may, SignedIn, Views } from '../access/index.js';
import { DisbursementsQueries } from '../disbursements/index.js';
import { GrantsQueries, OwnRequestsQueries } from '../grants/index.js';
import { hasRole, type Actor } from '../kernel/actor.js';
import { fiscalYearOf, type Day } from '../kernel/calendar.js';
import { ReportsQueries } from '../reports/index.js';
import { send } from '../web/replies.js';
import { homePage, type Own, type Year } from './home.page.js';
import type { Awaiting } from './to-decide.js';

/** How many of a member's requests the first page shows. */
const SHOWN = 10;

@ApiExcludeController()
@Controller()
export class HomePages {
  constructor(
    private readonly views: Views,
    private readonly grants: GrantsQueries,
    private readonly ownRequests: OwnRequestsQueries,
    private readonly disbursements: DisbursementsQueries,
    private readonly reports: ReportsQueries,
  ) {}

  /** What waits for this person, by what they may do, and where they can go. */
  @Get()
  @SignedIn()
  async home(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @CurrentActor() actor: Actor) {
    const view = await this.views.of(request);
    const [own, awaiting, toPay, year] = await Promise.all([
      may(actor, 'requests.file') ? this.own(actor) : null,
      may(actor, 'requests.review') || may(actor, 'requests.decide') ? this.awaiting(actor) : null,
      may(actor, 'payments.make') ? this.disbursements.toPay(actor) : null,
      hasRole(actor, 'board') ? this.year(actor, view.today) : null,
    ]);
    send(reply, homePage(view, { own, awaiting, toPay, year }));
  }

  /** What was paid since the fiscal year began, for those who answer for it. */
  private async year(actor: Actor, today: Day): Promise<Year> {
    const from = `${fiscalYearOf(today)}-04-01`;
    const { amount, people, instances } = await this.reports.disbursed(actor, { from, to: today });
    return { from, to: today, amount, people, instances };
  }

  private async own(actor: Actor): Promise<Own> {
    const [asked, drafts, { items }] = await Promise.all([
      this.ownRequests.asked(actor),
      this.ownRequests.drafts(actor),
      this.grants.list(actor, { limit: SHOWN }),
    ]);
    const latest = items.filter(({ status }) => status !== 'draft' && status !== 'returned');
    return { asked, drafts, latest };
  }

  private async awaiting(actor: Actor): Promise<Awaiting> {
    const [waiting, unconfirmed] = await Promise.all([
      this.grants.waiting(actor),
      this.grants.unconfirmed(actor),
    ]);
    return { ...waiting, unconfirmed, mayConfirm: may(actor, 'requests.confirm') };
  }
}
