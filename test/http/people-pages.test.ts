import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PersonListed, PersonView } from '../../src/people/people.dto.js';
import type { GrantRequestView } from '../../src/grants/index.js';
import { AGE_BANDS, ASYLUM_STAGES, RESIDENCE_GROUPS, RESIDENCE_STATUSES } from '../../src/kernel/codes.js';
import { REVEAL_REASONS } from '../../src/people/people.dto.js';
import { REASONS } from '../../src/people/likeness.js';
import { Db } from '../../src/platform/db.js';
import { Vault } from '../../src/platform/encryption.js';
import { hasWords } from '../../src/web/words.js';
import { given, line, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';

let house: House;
let world: Given;
let neighbour: Somebody;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  neighbour = await house.somebody('neighbour', ['caseworker'], (await world.anotherOrganisation()).id);
});
afterAll(() => house.close());

interface Shown {
  status: number;
  location: string | null;
  html: string;
  headers: Headers;
}

type Typed = Record<string, string> | [string, string][];

async function page(who: Somebody, path: string, fields?: Typed, language = 'ja'): Promise<Shown> {
  const body = fields && new URLSearchParams([['idempotencyKey', randomUUID()], ...pairsOf(fields)]);
  const response = await fetch(`${house.url}${path}`, {
    method: fields ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${who.key}`, 'accept-language': language },
    body,
    redirect: 'manual',
  });
  const { status, headers } = response;
  return { status, headers, location: headers.get('location'), html: await response.text() };
}
const pairsOf = (fields: Typed) => (Array.isArray(fields) ? fields : Object.entries(fields));

const agreed = { givenOn: '2024-12-01', language: 'vi', method: 'spoken' };
const consentTo = (...purposes: string[]) => purposes.map((purpose) => ({ purpose, ...agreed }));
const TOLD = {
  alias: 'ホアさん別名',
  name: 'グエン・ティ・ホア',
  kana: 'グエンテイホア',
  birthDate: '1987-06-05',
  nationality: 'VNM',
  residenceStatus: 'provisional_release',
  asylumStage: 'in_court',
  prefectureCode: '13',
  languages: ['vi'],
};

async function person(by: Somebody, told: object = {}): Promise<PersonView> {
  const answer = await by.post<PersonView>('/people', {
    alias: 'アリさん',
    consent: consentTo('casework'),
    ...told,
  });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body;
}

const whole = (by = world.partner) =>
  person(by, { ...TOLD, consent: consentTo('casework', 'sensitive', 'sharing') });

async function asked(by: Somebody, ...people: PersonView[]): Promise<GrantRequestView> {
  return world.submittedRequest([line('food', 1_000)], by, await caseOf(by, ...people), 'normal');
}

async function caseOf(by: Somebody, ...people: PersonView[]): Promise<string> {
  const household = { adults: 1, children: 0, unborn: 0 };
  const input = { personIds: people.map(({ id }) => id), household, needs: ['food'], summary: 'x' };
  return (await by.post<{ id: string }>('/cases', input)).body.id;
}

const read = async ({ id }: { id: string }, by = world.partner) =>
  (await by.get<PersonView>(`/people/${id}`)).body;
const logged = (action: string, subjectId: string | null = null) =>
  house.sql<{ actor_id: string; facts: Record<string, unknown> }>(
    `SELECT actor_id, facts FROM audit_events
     WHERE action = $1 AND subject_id IS NOT DISTINCT FROM $2 ORDER BY id DESC`,
    [action, subjectId],
  );

describe('every page has its words, in both languages', () => {
  test('a member’s list, form, person and change', async () => {
    const { id } = await whole();
    for (const path of ['/people', '/people/new', `/people/${id}`, `/people/${id}/edit`]) {
      for (const language of ['ja', 'en']) {
        expect([path, (await page(world.partner, path, undefined, language)).status]).toEqual([path, 200]);
      }
    }
  });

  test('a person and who is similar, as staff see them', async () => {
    const [here, there] = [await whole(), await whole(neighbour)];
    await asked(world.partner, here);
    await asked(neighbour, there);
    for (const language of ['ja', 'en']) {
      for (const path of [`/people/${here.id}`, `/people/${here.id}/similar`]) {
        expect([path, (await page(world.reviewer, path, undefined, language)).status]).toEqual([path, 200]);
      }
      const opened = await page(world.approver, `/people/${here.id}/reveal`, { reason: 'danger' }, language);
      expect(opened.status).toBe(200);
      expect(opened.html).toContain(TOLD.name);
    }
  });

  test('every code has its words', () => {
    const keys = [
      ...Object.keys(RESIDENCE_STATUSES).map((code) => `people:statuses.${code}`),
      ...ASYLUM_STAGES.map((code) => `people:stages.${code}`),
      ...RESIDENCE_GROUPS.map((code) => `people:groups.${code}`),
      ...REVEAL_REASONS.map((code) => `people:reveal.reasons.${code}`),
      ...REASONS.map((code) => `people:similar.reasons.${code}`),
      ...AGE_BANDS.map((code) => `common:ageBands.${code}`),
    ];
    for (const language of ['ja', 'en'] as const) {
      expect(keys.filter((key) => !hasWords(key, language))).toEqual([]);
    }
  });
});

describe('a member’s people', () => {
  const NEW = {
    alias: 'ミンさん',
    'consent.0.method': 'spoken',
    'consent.0.language': 'vi',
    'consent.0.givenOn': '2024-12-01',
  };

  test('are registered by a form, several languages and nothing else of what may stay empty', async () => {
    const sent: [string, string][] = [
      ...Object.entries(NEW),
      ['languages', ''],
      ['languages', 'vi'],
      ['languages', 'en'],
      ['ageBand', '30-49'],
      ['name', ''],
      ['birthDate', ''],
    ];
    const { status, location } = await page(world.partner, '/people/new', sent);
    expect([status, location]).toEqual([303, expect.stringMatching(/\?done=people\.registered$/)]);
    const id = location!.split(/[/?]/)[2]!;
    expect(await read({ id })).toMatchObject({
      alias: 'ミンさん',
      name: null,
      languages: ['vi', 'en'],
      ageBand: '30-49',
      consent: [{ purpose: 'casework' }],
    });
    expect((await page(world.partner, location!)).html).toContain('登録しました。');
  });

  test('a form that cannot be stored comes back with what was typed, and where it is wrong', async () => {
    const { status, html } = await page(world.partner, '/people/new', {
      ...NEW,
      alias: ' ',
      name: '山田 花子',
    });
    expect(status).toBe(422);
    expect(html).toContain('href="#alias"');
    expect(html).toContain('value="山田 花子"');
  });

  test('are listed newest first, by the page, and no other member’s among them', async () => {
    const theirs = await person(neighbour, { alias: '隣の人' });
    const [first, second] = [await person(world.partner, { alias: '一番' }), await person(world.partner)];
    const { html } = await page(world.partner, '/people?limit=2');
    expect(html.indexOf(second.code)).toBeLessThan(html.indexOf(first.code));
    expect(html).toContain('一番');
    expect(html).not.toContain(theirs.code);
    const next = /href="(\/people\?limit=2&amp;cursor=[^"]+)"/.exec(html)![1]!.replace('&amp;', '&');
    expect((await page(world.partner, next)).html).not.toContain(second.code);
    for (const who of [world.reviewer, world.treasurer, world.board, world.admin]) {
      expect((await page(who, '/people')).status).toBe(403);
    }
  });

  test('are shown with household, cases and requests, a draft too', async () => {
    const [one, other] = [await person(world.partner), await person(world.partner, { alias: '娘さん' })];
    const caseId = await caseOf(world.partner, one, other);
    const draft = await world.draftRequest([line('food', 100)], world.partner, caseId);
    const { html } = await page(world.partner, `/people/${one.id}`);
    for (const part of ['娘さん', `/requests/${draft.id}`, `/requests/new?caseId=${caseId}`]) {
      expect(html).toContain(part);
    }
    const request = await page(world.partner, `/requests/${(await asked(world.partner, one)).id}`);
    expect(request.html).toContain(`<a href="/people/${one.id}">アリさん</a>`);
  });

  test('a change that somebody else was faster with is refused, and goes through when sent again', async () => {
    const { id, updatedAt } = await person(world.partner);
    house.clock.set('2024-12-16T18:05:00+09:00');
    await world.partner.send('PATCH', `/people/${id}`, { name: 'Ali Reza' });
    const sent = { alias: 'アリ', updatedAt: String(updatedAt) };
    const refused = await page(world.partner, `/people/${id}`, sent);
    expect([refused.status, (await read({ id })).alias]).toEqual([409, 'アリさん']);
    expect(refused.html).toContain('value="アリ"');
    const fresh = /name="updatedAt" value="([^"]+)"/.exec(refused.html)![1]!;
    const again = await page(world.partner, `/people/${id}`, { ...sent, updatedAt: fresh });
    expect(again.location).toBe(`/people/${id}?done=people.changed`);
    expect(await read({ id })).toMatchObject({ alias: 'アリ', name: 'Ali Reza' });
  });

  test('an address with a person who is not theirs is one that nobody has', async () => {
    const { id } = await person(neighbour);
    for (const path of ['', '/edit']) {
      const [theirs, nobodys] = [
        await page(world.partner, `/people/${id}${path}`),
        await page(world.partner, `/people/${randomUUID()}${path}`),
      ];
      expect([theirs.status, nobodys.status]).toEqual([404, 404]);
    }
  });
});

const search = async (query: string, by = world.partner) =>
  (await by.post<{ items: PersonListed[] }>('/people/search', { query })).body.items.map(({ id }) => id);

describe('privacy.md, point 5: searching one’s own people', () => {
  test.each([
    ['another spelling of the name', 'NGUYEN THI MAI'],
    ['the reading', 'グエン ティ マイ'],
    ['the birthday', '1991-02-03'],
    ['the birthday as it is written in Japan', '平成3年2月3日'],
  ])('finds by %s, and nobody of another member', async (_, query) => {
    const told = { name: 'Nguyễn Thị Mai', kana: 'グエンティマイ', birthDate: '1991-02-03' };
    const [mine] = [await person(world.partner, told), await person(neighbour, told)];
    expect(await search(query)).toContain(mine.id);
    expect(await search(query)).toEqual(await search(told.name));
    expect(await search('Nguyễn Thị')).toEqual([]);
    expect(await search(query, neighbour)).not.toContain(mine.id);
  });

  test('finds by code, and by a birthday on the first of January only who was born that day', async () => {
    const mine = await person(world.partner, { birthDate: '1971-01-01' });
    await person(world.partner, { birthDate: '1971-08-09' });
    expect(await search('1971/1/1')).toEqual([mine.id]);
    expect(await search(mine.code.toLowerCase())).toEqual([mine.id]);
    expect(await search(mine.code, neighbour)).toEqual([]);
  });

  test('is sent as a form, shown without an address, and logged without the name', async () => {
    const mine = await person(world.partner, { alias: '呼び名', name: '渡邊 さくら' });
    const { status, html } = await page(world.partner, '/people/search', { query: '渡辺 さくら' });
    expect([status, html.includes(mine.code), html.includes('value="渡辺 さくら"')]).toEqual([
      200,
      true,
      true,
    ]);
    const [line_] = await logged('people.searched');
    expect(line_).toEqual({
      actor_id: world.partner.user.id,
      facts: { by: 'name', count: 1, ids: [expect.any(String)], key: expect.any(String) },
    });
    expect((await page(world.partner, '/people/search', { query: ' ' })).status).toBe(422);
    expect((await page(world.partner, '/people/search', { query: 'だれもいない名前' })).html).toContain(
      '見つかりませんでした',
    );
    for (const who of [world.reviewer, world.treasurer]) {
      expect((await who.post('/people/search', { query: 'x' })).status).toBe(403);
      expect((await page(who, '/people/search', { query: 'x' })).status).toBe(403);
    }
  });

  test('by SQL finds a member’s own people alone, and for staff nobody', async () => {
    const mine = await person(world.partner, { name: '高橋 一' });
    const forms = await house.sql<{ kind: string; digest: Buffer }>(
      'SELECT kind, digest FROM person_index WHERE person_id = $1',
      [mine.id],
    );
    const ask = (by: Somebody) =>
      house.sqlAs(by.actor, 'SELECT find_own_people($1, $2) AS id', [
        forms.map(({ kind }) => kind),
        forms.map(({ digest }) => digest),
      ]);
    expect(await ask(world.partner)).toEqual([{ id: mine.id }]);
    for (const by of [neighbour, world.reviewer, world.approver, world.treasurer, world.board]) {
      expect(await ask(by)).toEqual([]);
    }
  });
});

describe('privacy.md, point 1: collect little', () => {
  test('nothing but what one calls a person and their consent is needed', async () => {
    expect(await person(world.partner)).toMatchObject({
      name: null,
      kana: null,
      birthDate: null,
      nationality: null,
      residenceStatus: null,
      ageBand: 'unknown',
      prefectureCode: '99',
      languages: [],
    });
  });

  test('the form tells of every field why it is asked, and asks for no address or number of papers', async () => {
    const { id } = await whole();
    for (const path of ['/people/new', `/people/${id}/edit`]) {
      const { html } = await page(world.partner, path);
      const asks = [...html.matchAll(/<(?:input|select|textarea)[^>]* name="([^"]+)"/g)].map(
        ([, name]) => name!,
      );
      const told = new Set(asks.filter((name) => !name.startsWith('consent.') && !HIDDEN.includes(name)));
      expect(told.size).toBeGreaterThan(7);
      for (const name of told) expect([name, html.includes(`id="${name}-help"`)]).toEqual([name, true]);
      expect([...told].filter((name) => !(name in TOLD) && name !== 'ageBand')).toEqual([]);
    }
  });

  test.each(['', null])('what is not needed any more is taken out: every field, by %j', async (empty) => {
    const { id } = await whole();
    const fields = Object.keys(TOLD).filter((name) => name !== 'alias');
    const change = Object.fromEntries([...fields, 'ageBand'].map((name) => [name, empty]));
    const { status, body } = await world.partner.send<PersonView>('PATCH', `/people/${id}`, change);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...Object.fromEntries(fields.map((name) => [name, null])),
      alias: TOLD.alias,
      languages: [],
      prefectureCode: '99',
      ageBand: 'unknown',
      residenceGroup: 'unknown',
    });
    const [row] = await house.sql('SELECT * FROM persons WHERE id = $1', [id]);
    for (const column of ['name', 'kana', 'birth_date', 'nationality', 'residence_status', 'languages'])
      expect([column, row![column]]).toEqual([column, null]);
    expect(await house.sql('SELECT 1 FROM person_index WHERE person_id = $1', [id])).toEqual([]);
    expect((await logged('person.changed', id))[0]!.facts.fields).toEqual(expect.arrayContaining(fields));
  });

  test('what one calls a person cannot be taken out, and what is left out stays', async () => {
    const { id } = await whole();
    const { status, body } = await world.partner.send('PATCH', `/people/${id}`, { alias: '' });
    expect([status, body.errors]).toEqual([
      422,
      [expect.objectContaining({ path: 'alias', code: 'required' })],
    ]);
    await world.partner.send('PATCH', `/people/${id}`, { nationality: null });
    expect(await read({ id })).toMatchObject({ ...TOLD, nationality: null });
  });

  test('a birthday that is taken out leaves the age band that it gave', async () => {
    const { id, ageBand } = await whole();
    await world.partner.send('PATCH', `/people/${id}`, { birthDate: null });
    expect(await read({ id })).toMatchObject({ birthDate: null, ageBand });
  });
});

describe('privacy.md, point 7: a change is logged with before and after', () => {
  test('sealed with the key of the person or the case alone, and so gone with it', async () => {
    const { id } = await whole();
    await world.partner.send('PATCH', `/people/${id}`, { name: 'ホア・グエン', nationality: null });
    const caseId = await caseOf(world.partner, await read({ id }));
    await world.partner.send('PATCH', `/cases/${caseId}`, { summary: '部屋を出された' });
    const keys = await house.app
      .get(Db)
      .read(world.partner.actor, (tx) => house.app.get(Vault).keysOf(tx.orm, [id, caseId]));
    type Facts = Record<'before' | 'after', Record<string, string | null>>;
    const opened = async (action: string, owner: string, field: string, place: string) => {
      const { before, after } = (await logged(action, owner))[0]!.facts as Facts;
      return [before, after].map((values) => {
        const sealed = values[field];
        return sealed && keys.get(owner)!.open(Buffer.from(sealed, 'base64'), `${place}:${owner}`);
      });
    };
    expect(await opened('person.changed', id, 'name', 'persons.name')).toEqual([TOLD.name, 'ホア・グエン']);
    expect(await opened('person.changed', id, 'nationality', 'persons.nationality')).toEqual(['VNM', null]);
    expect(await opened('case.changed', caseId, 'summary', 'case_narratives.summary')).toEqual([
      'x',
      '部屋を出された',
    ]);
    expect(Object.keys((await logged('person.changed', id))[0]!.facts.before as object).sort()).toEqual([
      'name',
      'nationality',
    ]);
  });
});

const HIDDEN = ['idempotencyKey', 'updatedAt', 'language', 'back'];

const consentForm = (purpose: string) => ({
  'consent.0.purpose': purpose,
  'consent.0.method': 'written',
  'consent.0.language': 'vi',
  'consent.0.givenOn': '2024-12-02',
});

describe('privacy.md, point 2: consent before sensitive', () => {
  test('the form asks for sensitive fields only while the person agrees; taking it back takes effect', async () => {
    const { id } = await person(world.partner);
    const asks = async () =>
      (await page(world.partner, `/people/${id}/edit`)).html.includes('name="asylumStage"');
    expect(await asks()).toBe(false);
    const sneaked = { alias: 'x', asylumStage: 'review' };
    const refused = await page(world.partner, `/people/${id}`, sneaked);
    expect([refused.status, refused.html.includes('本人の同意がないと書けません')]).toEqual([422, true]);
    const added = await page(world.partner, `/people/${id}/consents`, consentForm('sensitive'));
    expect(added.location).toBe(`/people/${id}?done=people.agreed`);
    expect(await asks()).toBe(true);
    expect((await page(world.partner, `/people/${id}`, sneaked)).status).toBe(303);

    const { id: consentId } = (await read({ id })).consent.find(({ purpose }) => purpose === 'sensitive')!;
    const back = await page(world.partner, `/people/${id}/consents/${consentId}/withdraw`, {});
    expect(back.location).toBe(`/people/${id}?done=people.withdrawn`);
    expect(await asks()).toBe(false);
    const left = await page(world.partner, `/people/${id}`);
    expect(left.html).toContain('もういらなければ、消してください');
    const cleared = await page(world.partner, `/people/${id}`, { residenceStatus: '', asylumStage: '' });
    expect(cleared.status).toBe(303);
    expect(await read({ id })).toMatchObject({ alias: 'x', asylumStage: null });
  });

  test('a withdrawn consent keeps the sensitive fields closed to staff, also when they open the person', async () => {
    const here = await whole();
    await asked(world.partner, here);
    const { id: consentId } = here.consent.find(({ purpose }) => purpose === 'sensitive')!;
    await world.partner.post(`/people/${here.id}/consents/${consentId}/withdraw`, {});
    const { body } = await world.approver.post(`/people/${here.id}/reveal`, { reason: 'decision' });
    expect(body).toMatchObject({ name: TOLD.name, residenceStatus: null, asylumStage: null });
    const { html } = await page(world.approver, `/people/${here.id}/reveal`, { reason: 'decision' });
    expect([html.includes(TOLD.name), html.includes('仮放免')]).toEqual([true, false]);
  });

  test('a consent without its parts comes back with what is missing', async () => {
    const { id } = await person(world.partner);
    const { status, html } = await page(world.partner, `/people/${id}/consents`, {
      ...consentForm('sharing'),
      'consent.0.language': '',
      'consent.0.shareWith': '市立病院',
    });
    expect([status, html.includes('href="#consent-0-language"')]).toEqual([422, true]);
    expect(html).toContain('value="市立病院"');
  });
});

describe('privacy.md, point 7: a person as staff see them', () => {
  const NULLS = Object.fromEntries(
    ['alias', 'name', 'kana', 'birthDate', 'nationality', 'residenceStatus', 'asylumStage'].map((name) => [
      name,
      null,
    ]),
  );
  const SECRETS = [TOLD.alias, TOLD.name, TOLD.kana, '1987', 'ベトナム', '仮放免', '裁判中'];

  test('is a code and what figures need, on every page and in the API', async () => {
    const here = await whole();
    const request = await asked(world.partner, here);
    const { caseId } = request;
    for (const by of [world.reviewer, world.approver]) {
      const { body } = await by.get<PersonView>(`/people/${here.id}`);
      expect(body).toMatchObject({
        ...NULLS,
        languages: [],
        code: here.code,
        ageBand: '30-49',
        prefectureCode: '13',
        residenceGroup: 'asylum_pending',
      });
      expect(body.consent.every(({ shareWith }) => !shareWith)).toBe(true);
      const list = await by.get<{ items: PersonListed[] }>('/people?limit=200');
      expect(list.body.items.find(({ id }) => id === here.id)).toEqual({
        id: here.id,
        code: here.code,
        alias: null,
      });
      const opened = await by.get<{ people: PersonListed[] }>(`/cases/${caseId}`);
      expect(opened.body.people).toEqual([{ id: here.id, code: here.code, alias: null }]);
      for (const path of [`/people/${here.id}`, `/requests/${request.id}`]) {
        const { html } = await page(by, path);
        expect([path, html.includes(here.code), SECRETS.filter((word) => html.includes(word))]).toEqual([
          path,
          true,
          [],
        ]);
      }
      expect((await page(by, `/requests/${request.id}`)).html).toContain(`href="/people/${here.id}"`);
    }
    const [line_] = await logged('person.outlined', here.id);
    expect(line_!.facts).toEqual({ code: here.code, key: expect.any(String) });
    expect((await logged('person.opened', here.id)).map(({ actor_id }) => actor_id)).not.toContain(
      world.reviewer.user.id,
    );
  });

  test('is opened for a reason, in the answer alone, and everybody can know who did', async () => {
    const here = await whole();
    await asked(world.partner, here);
    const note = '病院から名前を聞かれた。';
    const { status, html, headers } = await page(world.reviewer, `/people/${here.id}/reveal`, {
      reason: 'other',
      note,
    });
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    for (const word of [TOLD.name, '1987年6月5日', 'ベトナム', '仮放免']) expect(html).toContain(word);
    expect((await page(world.reviewer, `/people/${here.id}`)).html).not.toContain(TOLD.name);
    const [line_] = await logged('person.revealed', here.id);
    expect(line_).toEqual({
      actor_id: world.reviewer.user.id,
      facts: {
        code: here.code,
        reason: 'other',
        revealId: expect.any(String),
        key: expect.any(String),
      },
    });
    const [row] = await house.sql<{ note: Buffer }>('SELECT note FROM person_reveals WHERE person_id = $1', [
      here.id,
    ]);
    expect(row!.note.includes(note)).toBe(false);
    expect((await page(world.approver, `/people/${here.id}`)).html).toContain(note);
  });

  test.each<[string, Record<string, string>, string]>([
    ['without a reason', {}, 'reason'],
    ['for a reason that nobody knows', { reason: 'curious' }, 'reason'],
    ['for another reason that is not told', { reason: 'other', note: ' ' }, 'note'],
  ])('is not opened %s', async (_, sent, path) => {
    const here = await whole();
    await asked(world.partner, here);
    const api = await world.reviewer.post(`/people/${here.id}/reveal`, sent);
    expect([api.status, api.body.errors]).toEqual([422, [expect.objectContaining({ path })]]);
    const shown = await page(world.reviewer, `/people/${here.id}/reveal`, sent);
    expect([shown.status, shown.html.includes(`href="#${path}"`)]).toEqual([422, true]);
    expect(shown.html).not.toContain(TOLD.name);
    expect(await logged('person.revealed', here.id)).toEqual([]);
  });

  test('is opened by nobody else, and not by a stored answer either', async () => {
    const here = await whole();
    await asked(world.partner, here);
    for (const by of [world.partner, neighbour, world.treasurer, world.board, world.admin]) {
      expect((await by.post(`/people/${here.id}/reveal`, { reason: 'decision' })).status).toBe(403);
      expect((await page(by, `/people/${here.id}/reveal`, { reason: 'decision' })).status).toBe(403);
    }
    const key = randomUUID();
    for (const times of [1, 2]) {
      await world.reviewer.post(`/people/${here.id}/reveal`, { reason: 'decision' }, key);
      expect(await logged('person.revealed', here.id)).toHaveLength(times);
    }
  });

  test('is absent, with cases and household, until a request that names them was submitted', async () => {
    const here = await whole();
    const caseId = await caseOf(world.partner, here);
    const draft = await world.draftRequest([line('food', 100)], world.partner, caseId);
    const seen = async (by: Somebody) => [
      (await by.get(`/people/${here.id}`)).status,
      (await by.get(`/cases/${caseId}`)).status,
      (await page(by, `/people/${here.id}`)).status,
      (await page(by, `/people/${here.id}/similar`)).status,
      (await by.post(`/people/${here.id}/reveal`, { reason: 'danger' })).status,
      ...(await Promise.all(
        [
          ['persons', 'id', here.id],
          ['consents', 'person_id', here.id],
          ['households', 'id', here.householdId],
          ['cases', 'id', caseId],
          ['case_persons', 'case_id', caseId],
          ['case_narratives', 'case_id', caseId],
        ].map(
          async ([table, column, id]) =>
            (await house.sqlAs(by.actor, `SELECT 1 FROM ${table} WHERE ${column} = $1`, [id])).length > 0,
        ),
      )),
    ];
    const closed = [404, 404, 404, 404, 404, false, false, false, false, false, false];
    for (const by of [world.reviewer, world.approver]) expect(await seen(by)).toEqual(closed);
    const { body } = await world.partner.post(`/grant-requests/${draft.id}/submit`, {});
    expect(body.status).toBe('submitted');
    for (const by of [world.reviewer, world.approver])
      expect(await seen(by)).toEqual([200, 200, 200, 200, 200, true, true, true, true, true, true]);
    await world.partner.post(`/grant-requests/${draft.id}/withdraw`, {});
    expect((await seen(world.reviewer))[0]).toBe(200);
  });
});

async function alike(birthDate: string) {
  const told = { birthDate, consent: consentTo('casework', 'sharing') };
  const here = await person(world.partner, { ...told, name: 'Nguyễn Văn Tâm' });
  const there = await person(neighbour, { ...told, name: 'グエン・バン・タム' });
  return { here, there };
}

describe('similar people', () => {
  test('stand on the pages of a request with their count and best score, and lead to the comparison', async () => {
    const { here, there } = await alike('1975-03-04');
    await asked(neighbour, there);
    const request = await asked(world.partner, here);
    const path = `/people/${here.id}/similar`;
    for (const by of [world.reviewer, world.approver]) {
      const { html } = await page(by, `/requests/${request.id}`);
      expect(html).toContain(`${here.code} に似た人が1人います（近さ 100）。`);
      expect(html).toContain(`href="${path}"`);
    }
    expect((await page(world.partner, `/requests/${request.id}`)).html).not.toContain(path);
    const { html } = await page(world.reviewer, path);
    for (const part of [there.code, '100 / 100', '名前が同じ', '生年月日が同じ', 'まだありません'])
      expect(html).toContain(part);
    expect(html).not.toContain('グエン');
  });

  test('are told of only once their own member has asked the network for help', async () => {
    const { here, there } = await alike('1976-04-05');
    await asked(world.partner, here);
    expect((await world.reviewer.get(`/people/${here.id}/similar`)).body.items).toEqual([]);
    await asked(neighbour, there);
    expect((await world.reviewer.get(`/people/${here.id}/similar`)).body.items).toHaveLength(1);
  });

  test('say what each was helped with, by kind and month', async () => {
    const { here, there } = await alike('1977-05-06');
    await asked(world.partner, here);
    const fund = await world.fund('similar', { food: 50_000 });
    await world.paidRequest(fund, [line('food', 2_000)], neighbour, await caseOf(neighbour, there), 'normal');
    expect((await page(world.reviewer, `/people/${here.id}/similar`)).html).toContain('食料（2024年12月）');
  });

  test('are linked, unlinked and called different by forms, each with its reason and a message', async () => {
    const { here, there } = await alike('1978-06-07');
    await asked(world.partner, here);
    await asked(neighbour, there);
    const path = `/people/${here.id}/similar`;
    const about = { otherId: there.id, reason: '電話で確かめた。' };
    for (const [verb, done, words] of [
      ['link', 'linked', '同じ人としてつなぎました。'],
      ['unlink', 'unlinked', 'つながりを外しました。'],
      ['distinct', 'distinct', '別の人だと記録しました。'],
    ] as const) {
      const missing = await page(world.reviewer, `${path}/${verb}`, { ...about, reason: '' });
      expect([verb, missing.status, missing.html.includes('href="#reason"')]).toEqual([verb, 422, true]);
      const { status, location } = await page(world.reviewer, `${path}/${verb}`, about);
      expect([verb, status, location]).toEqual([verb, 303, `${path}?done=people.${done}`]);
      const { html } = await page(world.reviewer, location!);
      expect(html).toContain(words);
      expect(html).toContain(about.reason);
      expect(await logged(`identity.${verb}`, there.id)).toHaveLength(1);
    }
    expect((await page(world.reviewer, path)).html).toContain('似た人は見つかりませんでした');
    const linked = await page(world.approver, `${path}/link`, about);
    expect(linked.status).toBe(303);
    const refused = await page(world.approver, `${path}/distinct`, about);
    expect([refused.status, refused.html.includes('先につながりを外してください')]).toEqual([409, true]);
    expect(refused.html).toContain(about.reason);
    for (const by of [world.partner, world.treasurer, world.board])
      expect((await page(by, `${path}/link`, about)).status).toBe(403);
  });
});

async function helped() {
  const told = { birthDate: '1969-07-08', consent: consentTo('casework', 'sharing') };
  const there = await person(neighbour, { ...told, name: 'Maria Santos' });
  const here = await person(world.partner, { ...told, name: 'サントス マリア' });
  const fund = await world.fund('hinted', { food: 50_000 });
  await world.paidRequest(fund, [line('food', 2_000)], neighbour, await caseOf(neighbour, there), 'normal');
  return asked(world.partner, here);
}

describe('privacy.md, point 5: the hint', () => {
  test('is one sentence, asked for by a button, and limited; looking at the page counts for nothing', async () => {
    const request = await helped();
    const path = `/requests/${request.id}`;
    const { html } = await page(world.partner, path);
    expect(html).toContain(`action="${path}/hint"`);
    expect(html).not.toContain('日以内にありました');
    expect(await house.sql('SELECT 1 FROM hint_counts')).toEqual([]);
    const told = await page(world.partner, `${path}/hint`, {});
    expect(told.status).toBe(200);
    expect(told.html).toContain('似た支援が7日以内にありました（食料）。');
    const english = await page(world.partner, `${path}/hint`, {}, 'en');
    expect(english.html).toContain('similar help within 7 days (Food)');
    await house.sql('UPDATE hint_counts SET count = 20');
    const limited = await page(world.partner, `${path}/hint`, {});
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '86400']);
    expect(limited.html).toContain('確かめられるのは1日に20回までです');
    expect(limited.html).not.toContain('日以内にありました');
  });

  test('says that there is nothing, and is offered for no draft and to nobody else', async () => {
    await house.sql('DELETE FROM hint_counts');
    const request = await asked(world.partner, await person(world.partner));
    const { html } = await page(world.partner, `/requests/${request.id}/hint`, {});
    expect(html).toContain('お知らせできる似た支援は、ありませんでした。');
    const draft = await world.draftRequest([line('food', 100)]);
    expect((await page(world.partner, `/requests/${draft.id}`)).html).not.toContain(`${draft.id}/hint`);
    expect((await page(world.partner, `/requests/${draft.id}/hint`, {})).status).toBe(409);
    expect((await page(neighbour, `/requests/${request.id}/hint`, {})).status).toBe(404);
    expect((await page(world.reviewer, `/requests/${request.id}/hint`, {})).status).toBe(403);
    expect((await page(world.reviewer, `/requests/${request.id}`)).html).not.toContain('/hint');
  });
});
