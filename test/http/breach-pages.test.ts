import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { PersonView } from '../../src/people/people.dto.js';
import type { BreachView } from '../../src/privacy/breach.dto.js';
import { given, type Given } from '../given.js';
import { openHouse, type House, type Somebody } from '../house.js';
import { doMainJob, saidIn, TOLD, type MainJob } from '../main-job.js';
import { callAt, cookieOf, signIn } from './calls.js';

let house: House;
let world: Given;
let job: MainJob;

beforeAll(async () => {
  house = await openHouse();
  world = await given(house);
  job = await doMainJob(house, world);
});
afterAll(() => house.close());

const cookies = new Map<string, string>();

async function cookieOfSomebody(who: Somebody): Promise<string> {
  const known = cookies.get(who.email) ?? cookieOf(await signIn(house, who));
  cookies.set(who.email, known);
  return known;
}

const get = async (who: Somebody, path: string, language = 'ja') =>
  callAt(house, 'GET', path, { cookie: await cookieOfSomebody(who), 'accept-language': language });

const post = async (who: Somebody, path: string, fields: [string, string][], language = 'ja') =>
  callAt(
    house,
    'POST',
    path,
    {
      cookie: await cookieOfSomebody(who),
      origin: house.url,
      'content-type': 'application/x-www-form-urlencoded',
      'accept-language': language,
    },
    new URLSearchParams([['idempotencyKey', randomUUID()], ...fields]).toString(),
  );

/** A page's text without its tags and its styles. */
const textOf = (html: string): string => html.replaceAll(/<[^>]*>/g, ' ');

describe('privacy.md, point 9: the pages of the breach desk', () => {
  test.each(['ja', 'en'])(
    'asks for what one wants to know, shows whom the log has, by code (%s)',
    async (language) => {
      const { board, partner } = world;
      const { code } = (await partner.get<PersonView>(`/people/${job.personId}`)).body;
      const empty = await get(board, '/privacy/breaches', language);
      expect([empty.status, empty.text.includes(code)]).toEqual([200, false]);
      const shown = await get(
        board,
        `/privacy/breaches?userId=${partner.user.id}&from=2024-12-16&to=`,
        language,
      );
      expect([shown.status, shown.text.includes(code)]).toEqual([200, true]);
      expect(saidIn(shown.text)).toEqual([]);
      // The choice stays chosen, and the sessions of this account can be chosen now.
      expect(shown.text).toContain(`<option value="${partner.user.id}" selected`);
      const refused = await get(board, '/privacy/breaches?from=x', language);
      expect([refused.status, refused.text.includes('value="x"')]).toEqual([422, true]);
      for (const who of [partner, world.reviewer, world.treasurer])
        expect((await get(who, '/privacy/breaches', language)).status).toBe(403);
    },
  );

  test('opens a breach, takes what is written, shows it on paper in both languages, and is closed', async () => {
    const { board, partner } = world;
    const asked: [string, string][] = [['userId', partner.user.id]];
    const none = await post(board, '/privacy/breaches', [...asked, ['awareOn', '2024-12-31']]);
    expect([none.status, none.text.includes('2024-12-31')]).toEqual([422, true]);
    const made = await post(board, '/privacy/breaches', [
      ...asked,
      ['awareOn', '2024-12-16'],
      ['malicious', 'true'],
    ]);
    expect(made.status).toBe(303);
    const record = made.headers.get('location')!.split('?')[0]!;
    const first = `${record}/reports/first`;
    expect((await get(board, `${record}?done=breach.opened`)).text).toContain('2月13日');

    const outline = '窓口のパソコンが盗まれた。\nすぐに鍵を止めた。';
    const saved = await post(board, `${first}/write`, [
      ['outline', outline],
      ['basedOn', ''],
    ]);
    expect([saved.status, saved.headers.get('location')]).toEqual([303, `${record}?done=breach.saved`]);
    const paper = await get(board, `${first}?language=ja`, 'en');
    expect(paper.text).toContain('lang="ja"');
    for (const part of ['概要', '本人の数', '再発防止', outline.split('\n')[0]!, '12月20日'])
      expect([part, paper.text.includes(part)]).toEqual([part, true]);
    const english = await get(board, `${first}?language=en`);
    for (const part of ['lang="en"', 'Outline', 'Number of persons', 'residence status', '20 December 2024'])
      expect([part, english.text.includes(part)]).toEqual([part, true]);
    // What the log says stands there without anybody typing it.
    expect(textOf(english.text)).toMatch(/3\. Number of persons\s+\d+ (person|people)/);

    // Somebody else saved meanwhile: nothing that was typed is lost, and it can be sent again.
    const late = await post(world.admin, `${first}/write`, [
      ['outline', 'もうひとつの文'],
      ['basedOn', ''],
    ]);
    expect([late.status, late.text.includes('もうひとつの文')]).toEqual([409, true]);
    const basedOn = /name="basedOn" value="([^"]+)"/.exec(late.text)![1]!;
    const day: [string, string] = ['reportedOn', '2024-12-16'];
    const wrong = await post(board, `${record}/reports/final/write`, [['outline', '早い'], day]);
    expect([wrong.status, wrong.text.includes('早い'), wrong.text.includes('速報の提出')]).toEqual([
      409,
      true,
      true,
    ]);
    const handedIn = await post(board, `${first}/write`, [['outline', outline], ['basedOn', basedOn], day]);
    expect(handedIn.headers.get('location')).toBe(`${record}?done=breach.reported`);
    // The final report goes on from what the first one said.
    expect((await get(board, `${record}/reports/final/write`)).text).toContain('窓口のパソコン');
    await post(board, `${record}/reports/final/write`, [['outline', outline], ['basedOn', ''], day]);
    await post(board, record, [
      ['awareOn', '2024-12-16'],
      ['malicious', 'true'],
      ['toldOn', '2024-12-16'],
    ]);
    expect((await post(board, `${record}/close`, [])).status).toBe(303);
    const closed = await get(board, record);
    expect([closed.text.includes('/write"'), closed.text.includes('終わり')]).toEqual([false, true]);
    const id = record.split('/').at(-1);
    expect((await board.get<BreachView>(`/breaches/${id}`)).body.first).toHaveLength(2);
    expect((await get(board, `${record}/reports/second`)).status).toBe(404);
  });
});

describe('privacy.md, point 12: the pages of the sheet', () => {
  test.each(['ja', 'en'])(
    'is in the language of the link (%s), with reasons, rights and places to write',
    async (language) => {
      const other = language === 'ja' ? 'en' : 'ja';
      const { status, text } = await get(
        world.partner,
        `/people/${job.personId}/sheet?language=${language}`,
        other,
      );
      expect([status, text.includes(`<html lang="${language}"`)]).toEqual([200, true]);
      const parts = {
        ja: [
          TOLD.name,
          '仮放免',
          'ベトナム',
          TOLD.summary,
          '同意があるときだけ',
          '2032年3月31日',
          '取り消せます',
          '直す・消す・止める',
        ],
        en: [
          TOLD.name,
          'Provisional release',
          'Vietnam',
          TOLD.entry,
          'only with your consent',
          '31 Mar 2032',
          'take a consent back',
          'Correct, delete or stop',
        ],
      }[language]!;
      for (const part of parts) expect([part, text.includes(part)]).toEqual([part, true]);
      expect(text).toContain('class="blank"');
      expect(text).not.toMatch(/style="/);
    },
  );

  test('says in words that somebody has no country, or that it is not known', async () => {
    const said = {
      XXA: { ja: '国籍：無国籍', en: 'Nationality: Stateless' },
      XXX: { ja: '国籍：国籍がわからない', en: 'Nationality: Nationality unknown' },
    };
    const consent = [{ purpose: 'casework', givenOn: '2024-12-01', language: 'ja', method: 'spoken' }];
    for (const [nationality, words] of Object.entries(said)) {
      const told = { alias: '国のない人', nationality, consent };
      const { id } = (await world.partner.post<PersonView>('/people', told)).body;
      for (const [language, part] of Object.entries(words)) {
        const { text } = await get(world.partner, `/people/${id}/sheet?language=${language}`);
        expect([part, textOf(text).includes(part)]).toEqual([part, true]);
      }
    }
  });

  test('leaves out the texts when it must not lie around, and says how to get them', async () => {
    const { text } = await get(world.partner, `/people/${job.personId}/sheet?withoutNarrative=true`);
    const { summary, entry, reason, question, answer } = TOLD;
    expect(saidIn(text, [summary, entry, reason, question, answer])).toEqual([]);
    expect(text).toContain(`/people/${job.personId}/sheet?language=en&amp;withoutNarrative=true`);
    expect((await get(world.partner, `/people/${job.personId}/sheet?withoutNarrative=x`)).status).toBe(422);
  });

  test('is nobody else’s: as absent as an id that nobody has', async () => {
    const elsewhere = await world.anotherOrganisation();
    const neighbour = await house.somebody('neighbour', ['lead'], elsewhere.id);
    for (const page of ['sheet', 'disclosures']) {
      const ask = async (id: string) => (await get(neighbour, `/people/${id}/${page}`)).status;
      expect([await ask(job.personId), await ask(randomUUID())]).toEqual([404, 404]);
      expect((await get(world.reviewer, `/people/${job.personId}/${page}`)).status).toBe(403);
    }
  });
});

describe('privacy.md, point 11: the page of disclosures', () => {
  const fields: [string, string][] = [
    ['recipientKind', 'hospital'],
    ['recipient', '港町診療所'],
    ['fields', 'name'],
    ['fields', 'languages'],
    ['legalBasis', 'consent'],
    ['disclosedOn', '2024-12-16'],
  ];

  test('keeps everything that was typed when it is refused, and says where', async () => {
    const path = `/people/${job.personId}/disclosures`;
    const { status, text } = await post(world.partner, path, fields, 'en');
    expect(status).toBe(422);
    expect(text).toContain('href="#consentId"');
    expect(text).toContain('value="港町診療所"');
    expect(text.match(/type="checkbox"[^>]*checked/g)).toHaveLength(2);
    expect(text).toMatch(/value="consent"[^>]*checked|checked[^>]*value="consent"/);
  });

  test('records one with the consent that was chosen, and shows it', async () => {
    const path = `/people/${job.personId}/disclosures`;
    const sharing = {
      purpose: 'sharing',
      givenOn: '2024-12-10',
      language: 'vi',
      method: 'spoken',
      shareWith: '病院',
    };
    const { body } = await world.partner.send<PersonView>('PATCH', `/people/${job.personId}`, {
      consent: [sharing],
    });
    const consent = body.consent.find(({ purpose }) => purpose === 'sharing')!;
    expect((await get(world.partner, path)).text).toContain(`<option value="${consent.id}"`);
    const sent = await post(world.partner, path, [...fields, ['consentId', consent.id]]);
    expect([sent.status, sent.headers.get('location')]).toEqual([303, `${path}?done=sheet.disclosed`]);
    const shown = textOf((await get(world.partner, path)).text);
    for (const part of ['港町診療所', '本人の同意', 'まだ伝えていません']) expect(shown).toContain(part);
    const one = await post(world.partner, path, [
      ...fields.filter(([name, value]) => name !== 'fields' || value === 'name'),
      ['consentId', consent.id],
    ]);
    expect(one.status).toBe(303);
  });
});
