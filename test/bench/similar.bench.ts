import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { onDuty } from '../../src/kernel/actor.js';
import { SimilarQueries } from '../../src/people/index.js';
import { PersonIndex } from '../../src/people/person-index.js';
import { Db } from '../../src/platform/db.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { compare, inTurn, timed, type Compared } from './measure.js';
import { writtenPeople } from './people-set.js';

const FEW = 5_000;
const MANY = 100_000;
const ASKED = 50;
const ROUNDS = 7;
const BATCH = 1_000;

const EACH = (ms: number): string => `${ms.toFixed(2)} ms`;

/** People of one member whom a submitted request named, and who asks for those similar to some of them. */
interface Population {
  house: House;
  world: Given;
  asked: string[];
}

/** Looks for similar people among 5,000 and among 100,000, beside the same number of look-ups into the index by hand. */
export async function benchSimilar(): Promise<Compared[]> {
  const few = await openPopulation(FEW);
  const many = await openPopulation(MANY);
  try {
    const each = (times: number[]) => times.map((ms) => ms / ASKED);
    const [manys, fews] = await inTurn(
      ROUNDS,
      () => timed(() => search(many)),
      () => timed(() => search(few)),
    );
    const growth = compare(
      `similar people, ${MANY} / ${FEW} people`,
      [each(manys), each(fews)],
      { at: 'most', ratio: 3 },
      EACH,
    );
    const [searches, lookUps] = await inTurn(
      ROUNDS,
      () => timed(() => search(many)),
      () => timed(() => lookUp(many)),
    );
    const beside = compare(
      `similar people among ${MANY} / one look-up into the index for each form of the person`,
      [each(searches), each(lookUps)],
      { at: 'most', ratio: 4 },
      EACH,
    );
    return [growth, beside];
  } finally {
    await few.house.close();
    await many.house.close();
  }
}

async function search({ house, world, asked }: Population): Promise<void> {
  for (const id of asked) await house.app.get(SimilarQueries).similar(world.reviewer.actor, id);
}

/** What a search cannot do without: who shares each form of this person, up to the most that count. */
async function lookUp({ house, asked }: Population): Promise<void> {
  for (const id of asked) {
    const forms = await house.sql<{ digest: Buffer }>(
      'SELECT digest FROM person_index WHERE person_id = $1',
      [id],
    );
    for (const { digest } of forms)
      await house.sql('SELECT person_id FROM person_index WHERE digest = $1 LIMIT 201', [digest]);
  }
}

async function openPopulation(count: number): Promise<Population> {
  const house = await openHouse();
  const world = await given(house);
  const { id: requestId } = await world.submittedRequest([line('food', 1)]);
  const ids = await insertPeople(house, world, { count, requestId });
  const people = writtenPeople(count, 20_241_216).map((person, index) => ({ id: ids[index]!, ...person }));
  for (let from = 0; from < count; from += BATCH) {
    await house.app
      .get(Db)
      .write(onDuty('importer'), (tx) =>
        house.app.get(PersonIndex).keep(tx, people.slice(from, from + BATCH)),
      );
  }
  await house.sql('ANALYZE');
  return {
    house,
    world,
    asked: ids.filter((_, index) => index % Math.floor(count / ASKED) === 0).slice(0, ASKED),
  };
}

/** Rows without anything sealed: the search looks at the index, and at whom a request named. */
async function insertPeople(
  house: House,
  { organisation, partner }: Given,
  { count, requestId }: { count: number; requestId: string },
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const owner = new pg.Client({ connectionString: house.ownerUrl });
  await owner.connect();
  try {
    const [household] = (await owner.query('SELECT id FROM households LIMIT 1')).rows;
    await owner.query('ALTER TABLE request_persons DISABLE TRIGGER request_persons_have_a_key');
    await owner.query(
      `INSERT INTO persons (id, organisation_id, household_id, code, created_by, created_at, updated_at)
       SELECT p.id, $2, $3, 'P-' || p.number, $4, now(), now() FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, number)`,
      [ids, organisation.id, household.id, partner.user.id],
    );
    await owner.query(
      `INSERT INTO request_persons (request_id, person_id, position)
       SELECT $2, p.id, p.number + 1 FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, number)`,
      [ids, requestId],
    );
  } finally {
    await owner.end();
  }
  return ids;
}
