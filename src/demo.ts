import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { actorOf, UsersService, type User } from './access/index.js';
import {
  ContributionsService,
  FundsQueries,
  FundsService,
  MovesService,
  type FundKind,
  type FundRules,
} from './funds/index.js';
import { ImportsService } from './imports/index.js';
import { demoStep, type Cast, type DemoClock, type DemoUser } from './demo-cast.js';
import { onDuty, type Actor, type Role } from './kernel/actor.js';
import { addDays, dayOf, type Day } from './kernel/calendar.js';
import { CATEGORIES, type Category } from './kernel/codes.js';
import { OrganisationsQueries } from './organisations/index.js';
import { Db } from './platform/db.js';
import { tellDemoRequests } from './demo-requests.js';

const dataFile = (name: string): Buffer => readFileSync(join('config/demo', name));

const USERS: [name: DemoUser, label: string, roles: Role[], organisation?: string][] = [
  ['partner', '相談員', ['caseworker'], 'M001'],
  ['lead', '代表', ['lead'], 'M001'],
  ['partner2', '相談員', ['caseworker'], 'M002'],
  ['reviewer', '確認担当', ['reviewer']],
  ['approver', '承認担当', ['approver']],
  ['approver2', '承認担当2', ['approver']],
  ['treasurer', '会計担当', ['treasurer']],
  ['treasurer2', '会計担当2', ['treasurer']],
  ['board', '理事', ['board']],
  ['admin', '管理担当', ['admin']],
  ['admin2', '管理担当2', ['admin']],
];

/** What the history spent of each category; `outreach-2023` was allocated exactly so. */
const OUTREACH: Record<Category, number> = {
  food: 2_573_500,
  shelter: 4_818_000,
  medical: 2_024_212,
  utilities: 1_077_901,
  other: 1_928_604,
};
const RELIEF: Record<Category, number> = {
  food: 1_200_000,
  shelter: 2_000_000,
  medical: 900_000,
  utilities: 600_000,
  other: 500_000,
};

interface Campaign {
  code: string;
  name: string;
  raised: number;
  usePeriod: { from: Day; to: Day };
  budget: Record<Category, number>;
}

/**
 * Loads the demo: members, users, three funds, the imported history and requests in every state. Loading it again
 * only sets the users' password anew, as a random one is printed and not kept.
 * @throws Error in one line when other people than the demo's work with this database
 * @returns one line for each sign-in, to be printed
 */
export async function loadDemo(
  app: INestApplicationContext,
  clock: DemoClock,
  password: string,
): Promise<string[]> {
  await refuseAmongOthers(app);
  const users = app.get(UsersService);
  const cast = new Map<string, User>();
  const add = async (entries: typeof USERS, organisationIds: Map<string, string>): Promise<void> => {
    for (const [name, label, roles, organisation] of entries) {
      const input = {
        email: `${name}@demo.example`,
        name: label,
        roles,
        organisationId: organisationIds.get(organisation ?? ''),
      };
      cast.set(name, await users.addWithPassword(input, password));
    }
  };
  const actor: Cast = (name) => actorOf(cast.get(name)!);
  // Members come first for their people, and a member's import needs somebody who asks for it.
  await add(
    USERS.filter(([, , , organisation]) => !organisation),
    new Map(),
  );
  const members = () =>
    app.get(Db).read(actor('admin'), (tx) => app.get(OrganisationsQueries).idsByCode(tx, ['M001', 'M002']));
  // Somebody may have changed a member since; an import would rightly refuse to change it back.
  if ((await members()).size === 0)
    await importOnce(app, actor('admin'), 'organisations', 'organisations.csv');
  const ids = await members();
  await add(
    USERS.filter(([, , , organisation]) => organisation),
    ids,
  );
  await addFunds(app, clock, actor('treasurer'));
  await importOnce(app, actor('treasurer'), 'history', 'relief-history-2023-07_2024-11.csv', 'outreach-2023');
  await tellDemoRequests(app, clock, actor);
  clock.set(null);
  return USERS.map(
    ([name, label, , organisation]) => `  ${`${name}@demo.example`.padEnd(26)}${label} ${organisation ?? ''}`,
  );
}

/** The demo invents people and money, and gives its users a password that is printed. */
async function refuseAmongOthers(app: INestApplicationContext): Promise<void> {
  const others = await app
    .get(Db)
    .read(onDuty('gate'), (tx) =>
      tx.query(`SELECT 1 FROM users WHERE email NOT LIKE '%@demo.example' LIMIT 1`),
    );
  if (others.length > 0)
    throw new Error('The demo is only for a database of its own, and this one has other users.');
}

/** The password of the demo's users: `DEMO_PASSWORD`, or a random one. */
export const demoPassword = (): string => process.env.DEMO_PASSWORD || randomBytes(9).toString('base64url');

async function importOnce(
  app: INestApplicationContext,
  actor: Actor,
  kind: 'organisations' | 'history',
  file: string,
  fundCode?: string,
): Promise<void> {
  const result = await app
    .get(ImportsService)
    .runNow(actor.userId!, { kind, fundCode, dryRun: false }, dataFile(file));
  if (result.status !== 'done')
    throw new Error(`The demo's ${file} was refused: ${JSON.stringify(result.errors[0])}`);
}

async function addFunds(app: INestApplicationContext, clock: DemoClock, treasurer: Actor): Promise<void> {
  const campaign = JSON.parse(dataFile('winter-campaign.json').toString('utf8')) as Campaign;
  await addFund(app, treasurer, {
    code: 'outreach-2023',
    name: 'アウトリーチ事業 2023',
    kind: 'grant',
    from: '2023-07-01',
    to: '2024-11-30',
    amount: 12_500_000,
    source: '助成金',
    budget: OUTREACH,
  });
  clock.set(new Date('2024-12-01T10:00:00+09:00'));
  await addFund(app, treasurer, {
    code: campaign.code,
    name: campaign.name,
    kind: 'campaign',
    from: campaign.usePeriod.from,
    to: campaign.usePeriod.to,
    amount: campaign.raised,
    source: 'クラウドファンディング',
    budget: campaign.budget,
  });
  clock.set(new Date('2025-04-01T10:00:00+09:00'));
  await addFund(app, treasurer, {
    code: 'relief',
    name: '緊急支援基金',
    kind: 'donation',
    from: '2025-04-01',
    amount: 6_000_000,
    source: '寄付',
    budget: RELIEF,
    rules: {
      note: '困っている人を選ばずに支えるための寄付です。',
      capPerHousehold: 300_000,
      moveLimit: { percent: 10, of: 'source' },
    },
  });
  clock.set(null);
  await tellWhatWaits(app, treasurer);
}

/** Money that is promised, and a move above the fund's rule that waits for a second person. */
async function tellWhatWaits(app: INestApplicationContext, treasurer: Actor): Promise<void> {
  const { items } = await app.get(FundsQueries).list(treasurer, { limit: 50 });
  const relief = items.find(({ code }) => code === 'relief')!;
  const lineOf = (category: Category): string => relief.lines.find((line) => line.category === category)!.id;
  const promise = { amount: 1_200_000, expectedOn: addDays(dayOf(new Date()), 40), source: '市民活動の財団' };
  await app.get(ContributionsService).add(treasurer, relief.id, promise, demoStep('promise relief'));
  const move = {
    fromLineId: lineOf('medical'),
    toLineId: lineOf('shelter'),
    amount: 200_000,
    reason: '寒くなり、泊まる場所の申請が増えています。医療は見込みより少なくなりました。',
  };
  await app.get(MovesService).ask(treasurer, move, demoStep('move relief'));
}

interface FundStory {
  code: string;
  name: string;
  kind: FundKind;
  from: Day;
  to?: Day;
  amount: number;
  source: string;
  budget: Record<Category, number>;
  rules?: FundRules;
}

async function addFund(app: INestApplicationContext, treasurer: Actor, story: FundStory): Promise<void> {
  const funds = app.get(FundsService);
  const { code, name, kind, from, to, amount, source, budget, rules } = story;
  const { id } = await funds.create(
    treasurer,
    { code, name, kind, from, to, rules },
    demoStep(`fund ${code}`),
  );
  await app
    .get(ContributionsService)
    .add(treasurer, id, { amount, receivedOn: from, source }, demoStep(`money ${code}`));
  for (const category of CATEGORIES) {
    const allocation = { purpose: 'relief' as const, category, amount: budget[category] };
    await funds.allocate(treasurer, id, allocation, demoStep(`budget ${code} ${category}`));
  }
}
