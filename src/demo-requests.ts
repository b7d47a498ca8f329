import type { INestApplicationContext } from '@nestjs/common';
import { CasesService } from './cases/index.js';
import { demoStep, type Cast, type DemoClock, type DemoUser } from './demo-cast.js';
import { DisbursementsService } from './disbursements/index.js';
import { FundsQueries } from './funds/index.js';
import { DecisionsService, FilingService, GrantsQueries, type GrantRequestView } from './grants/index.js';
import { dayOf } from './kernel/calendar.js';
import type { Category } from './kernel/codes.js';
import { PeopleService } from './people/index.js';
import { Db } from './platform/db.js';

type State =
  | 'draft'
  | 'submitted'
  | 'in_review'
  /** In review, and all but the last of those who have to agree said yes. */
  | 'agreed'
  | 'returned'
  | 'declined'
  | 'withdrawn'
  | 'approved'
  | 'paid';
const HOUR_MS = 3_600_000;

type Urgency = 'normal' | 'soon' | 'tonight';

/** What members ask for, in words that a caseworker would write; prices in yen. */
const WANTS: [category: Category, item: string, unitPrice: number, quantity: number, reason: string][] = [
  ['shelter', '一時宿泊', 6_500, 5, '来日直後で住まいがなく、公園で夜を過ごしている。'],
  ['food', '食料費', 12_000, 1, '仕事ができず、食べるものがない。'],
  ['medical', '診療費', 23_400, 1, '保険がなく、受診をためらっていた。症状が重い。'],
  ['utilities', '電気料金', 9_800, 1, '送電停止の予告が届いた。小さな子どもがいる。'],
  ['shelter', '家賃', 45_000, 1, '解雇されて家賃が払えず、退去を求められている。'],
  ['food', '粉ミルク・離乳食', 8_500, 2, '乳児がいて、収入がまったくない。'],
  ['other', '弁護士費用', 30_000, 1, '在留の手続きで、弁護士に相談する必要がある。'],
  ['utilities', '携帯通信費', 4_200, 1, '支援者と連絡をとる手だてがなくなってしまう。'],
  ['shelter', '家賃（3か月）', 46_000, 3, '解雇されて家賃を払えない。次の仕事まで3か月かかる。'],
  ['shelter', '住まいを借りる初めの費用', 75_000, 3, '暴力から逃れてきた家族に、安心して住める部屋がない。'],
];
/** The last wants are large, and are told apart from the others. */
const ORDINARY = 8;
const ALIASES = [
  'アリさん',
  'ミンさん',
  'ローズさん',
  'タンさん',
  'サラさん',
  'カルロスさん',
  'ニマさん',
  'ユナさん',
];

interface Story {
  key: string;
  at: Date;
  state: State;
  urgency: Urgency;
  filer: DemoUser;
  /** Which of the wants. */
  wants: number[];
  alias: string;
  fund: 'winter-2024' | 'relief';
}

const STATES: State[] = ['paid', 'paid', 'paid', 'approved', 'paid', 'declined', 'paid', 'in_review', 'paid'];

/** Winter: three dozen requests from 1 December, nearly all of them paid; the last ones in every state. */
function winterStories(): Story[] {
  const last: State[] = [
    'approved',
    'in_review',
    'submitted',
    'returned',
    'draft',
    'withdrawn',
    'approved',
    'in_review',
  ];
  return Array.from({ length: 36 }, (_, index) => ({
    key: `winter ${index}`,
    at: new Date(Date.UTC(2024, 11, 2 + Math.floor(index * 0.9), 1 + (index % 9), 12)),
    state: index < 28 ? (STATES[index % 7] === 'in_review' ? 'paid' : STATES[index % 7]!) : last[index - 28]!,
    urgency: index % 5 === 0 ? 'tonight' : index % 3 === 0 ? 'soon' : 'normal',
    filer: index % 3 === 2 ? 'partner2' : 'partner',
    wants: index % 4 === 0 ? [index % ORDINARY, (index + 1) % ORDINARY] : [index % ORDINARY],
    alias: ALIASES[index % ALIASES.length]!,
    fund: 'winter-2024',
  }));
}

/** Now: what was filed in the last days, most of it waiting for somebody. */
function currentStories(now: Date): Story[] {
  const states: State[] = [
    'paid',
    'paid',
    'approved',
    'declined',
    'approved',
    'returned',
    'in_review',
    'in_review',
  ];
  const recent: State[] = ['submitted', 'in_review', 'submitted', 'draft'];
  const ordinary = [...states, ...recent].map((state, index, all): Story => ({
    key: `current ${index}`,
    at: new Date(now.getTime() - (all.length - index) * 19 * 3_600_000),
    state,
    urgency: index % 4 === 3 || index === 9 || index === 2 ? 'tonight' : 'normal',
    filer: index % 4 === 1 ? 'partner2' : 'partner',
    wants: index % 3 === 0 ? [index % ORDINARY, (index + 1) % ORDINARY] : [index % ORDINARY],
    alias: ALIASES[(index + 3) % ALIASES.length]!,
    fund: 'relief',
  }));
  const large = [8, 9].map((want, index): Story => ({
    key: `current large ${index}`,
    at: new Date(now.getTime() - (60 - index * 11) * HOUR_MS),
    state: 'agreed',
    urgency: 'soon',
    filer: index === 0 ? 'partner' : 'partner2',
    wants: [want],
    alias: ALIASES[index]!,
    fund: 'relief',
  }));
  return [...ordinary, ...large];
}

/** Tells the demo's requests through the services, each step at its own time, as its own person. */
export async function tellDemoRequests(
  app: INestApplicationContext,
  clock: DemoClock,
  cast: Cast,
): Promise<void> {
  const teller = new Teller(app, clock, cast);
  for (const story of [...winterStories(), ...currentStories(new Date())]) await teller.tell(story);
}

class Teller {
  constructor(
    private readonly app: INestApplicationContext,
    private readonly clock: DemoClock,
    private readonly cast: Cast,
  ) {}

  async tell(story: Story): Promise<void> {
    const { key, state } = story;
    const at = (hours: number) =>
      this.clock.set(new Date(Math.min(story.at.getTime() + hours * HOUR_MS, Date.now())));
    at(0);
    const { id } = await this.draft(story);
    if (state === 'draft') return;
    const filer = this.cast(story.filer);
    const filing = this.app.get(FilingService);
    const decisions = this.app.get(DecisionsService);
    at(0.2);
    if (state === 'withdrawn') {
      await filing.withdraw(
        filer,
        id,
        '別の制度で支援を受けられることになりました。',
        demoStep(`${key} withdraw`),
      );
      return;
    }
    const submitted = await filing.submit(filer, id, undefined, demoStep(`${key} submit`));
    if (state === 'submitted') return;
    at(2);
    await decisions.review(this.cast('reviewer'), id, undefined, demoStep(`${key} review`));
    at(5);
    if (state === 'returned') {
      const question = '督促状の期限はいつですか。写真があれば付けてください。';
      await decisions.return(this.cast('reviewer'), id, question, demoStep(`${key} return`));
    } else if (state === 'declined') {
      const reason = 'ほかの財源で支払いが決まったため、今回は見送ります。';
      await decisions.decline(this.cast('approver'), id, reason, demoStep(`${key} decline`));
    } else if (state !== 'in_review') {
      await this.approve(story, submitted);
      if (state === 'agreed') return;
      at(12);
      await this.confirm(story, id);
      at(16);
      if (state === 'paid') await this.pay(story, id);
    }
  }

  private async draft({ key, filer, alias, wants, urgency }: Story): Promise<GrantRequestView> {
    const actor = this.cast(filer);
    const person = await this.app.get(PeopleService).create(
      actor,
      {
        alias,
        ageBand: '30-49',
        prefectureCode: '13',
        consent: [
          { purpose: 'casework', givenOn: dayOf(this.clock.now()), language: 'en', method: 'spoken' },
        ],
      },
      demoStep(`${key} person`),
    );
    const reason = WANTS[wants[0]!]![4];
    const needs = [...new Set(wants.map((want) => WANTS[want]![0]))];
    const household = { adults: 1 + (wants.length % 2), children: wants.length - 1, unborn: 0 };
    const opened = { personIds: [person.id], household, needs, summary: reason };
    const { id: caseId } = await this.app.get(CasesService).create(actor, opened, demoStep(`${key} case`));
    const lines = wants.map((want) => {
      const [category, item, unitPrice, quantity] = WANTS[want]!;
      return { category, item, unitPrice, quantity, payee: { type: 'organisation' as const } };
    });
    const request = { caseId, kind: 'relief' as const, urgency, lines, reason };
    return this.app.get(FilingService).create(actor, request, demoStep(`${key} draft`));
  }

  /** Everybody says yes in turn until nobody is missing; of `agreed` the last one has not yet. */
  private async approve({ key, fund, state }: Story, { id, lines }: GrantRequestView): Promise<void> {
    const decided = [];
    for (const { id: lineId, category, amount } of lines) {
      const need = { purpose: 'relief' as const, category, on: dayOf(this.clock.now()) };
      const eligible = await this.app
        .get(Db)
        .read(this.cast('approver'), (tx) => this.app.get(FundsQueries).eligibleLines(tx, need));
      decided.push({ lineId, amount, budgetLineId: eligible.find(({ fundCode }) => fundCode === fund)!.id });
    }
    const deciders = ['approver', 'approver2', 'board'] as const;
    for (const [index, name] of deciders.entries()) {
      const step = demoStep(index === 0 ? `${key} approve` : `${key} approve ${name}`);
      const shown = await this.app
        .get(DecisionsService)
        .approve(this.cast(name), id, { lines: decided }, step);
      const missing = shown.pendingApprovals.reduce((sum, { count }) => sum + count, 0);
      if (missing === (state === 'agreed' ? 1 : 0)) return;
    }
  }

  /** In winter a second approver looked at what could not wait; what is recent still waits for that. */
  private async confirm({ key, fund }: Story, requestId: string): Promise<void> {
    const approver = this.cast('approver2');
    const unconfirmed = await this.app.get(GrantsQueries).unconfirmed(approver);
    if (fund === 'winter-2024' && unconfirmed.some(({ id }) => id === requestId))
      await this.app
        .get(DecisionsService)
        .confirm(approver, requestId, { outcome: 'confirmed' }, demoStep(`${key} confirm`));
  }

  private async pay({ key }: Story, requestId: string): Promise<void> {
    const treasurer = this.cast('treasurer');
    const awards = await this.app
      .get(Db)
      .read(treasurer, (tx) =>
        tx.query<{ id: string; amount: number }>(
          'SELECT id, amount FROM awards WHERE request_id = $1 ORDER BY id',
          [requestId],
        ),
      );
    for (const [index, { id, amount }] of awards.entries()) {
      const payment = {
        awardId: id,
        amount,
        paidOn: dayOf(this.clock.now()),
        method: 'bank_transfer' as const,
      };
      await this.app.get(DisbursementsService).pay(treasurer, payment, demoStep(`${key} pay ${index}`));
    }
  }
}
