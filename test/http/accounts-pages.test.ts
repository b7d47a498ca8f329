import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setUpFactor, codeOf, laterBy } from '../factor.js';
import { given, type Given } from '../given.js';
import { openHouse, type House } from '../house.js';
import { authenticator, type CreationOptions } from '../passkey.js';
import { callAt, cookieOf, type Reply } from './calls.js';

let house: House;
let world: Given;

beforeAll(async () => {
  house = await openHouse({ secondFactor: true });
  world = await given(house);
});
afterAll(() => house.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const get = (path: string, cookie = '', headers = {}): Promise<Reply<null>> =>
  callAt<null>(house, 'GET', path, { cookie, ...headers });
const post = (
  path: string,
  fields: Record<string, string>,
  cookie = '',
  headers = {},
): Promise<Reply<null>> =>
  callAt<null>(
    house,
    'POST',
    path,
    { ...FORM, origin: house.url, cookie, ...headers },
    `${new URLSearchParams(fields)}`,
  );

const unescaped = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The hidden fields of the page's form with this action, as a browser would send them. */
function hiddenOf({ text }: Reply<null>, action: string): Record<string, string> {
  const form = text.split(`<form action="${action}"`)[1]?.split('</form>')[0] ?? '';
  return Object.fromEntries(
    [...form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)].map(([, name, value]) => [
      unescaped(name!),
      unescaped(value!),
    ]),
  );
}

const placeOf = ({ status, headers }: Reply<null>) => [status, headers.get('location')];

const PAGES = [
  ['ja', '2つ目の確認を登録してください', '予備コード'],
  ['en', 'Please set up a second check', 'Recovery codes'],
] as const;

describe('privacy.md, point 10: accounts: the first sign-in of somebody who needs a second factor', () => {
  test.each(PAGES)('leads through setting it up, and then on (%s)', async (language, title, codes) => {
    const { email, password } = await house.somebody('first', ['treasurer']);
    const spoken = { 'accept-language': language };
    const entered = await post('/sign-in', { email, password, back: '/payments' });
    expect(placeOf(entered)).toEqual([303, '/account/second-factor?back=%2Fpayments']);
    const cookie = cookieOf(entered);
    const page = await get('/account/second-factor?back=%2Fpayments', cookie, spoken);
    expect(page.text).toContain(title);
    expect(page.text).toContain('src="data:image/svg+xml;base64,');
    // Who is only half in sees no place to go.
    expect(page.text).not.toContain('href="/payments"');
    const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)![1]!.replaceAll(' ', '');
    const hidden = hiddenOf(page, '/account/second-factor');
    const wrong = await post('/account/second-factor', { ...hidden, code: '12345' }, cookie, spoken);
    expect(wrong.status).toBe(422);
    // The same secret is shown again: it may be in the telephone already.
    expect(wrong.text.replaceAll(' ', '')).toContain(`<code>${secret}</code>`);
    const code = codeOf(secret, house);
    const done = await post('/account/second-factor', { ...hidden, code }, cookie, spoken);
    expect([done.status, done.text.includes(codes)]).toEqual([200, true]);
    expect(done.text.match(/<code>[0-9A-Z]{5}-[0-9A-Z]{5}<\/code>/g)).toHaveLength(10);
    expect(done.text).toContain('href="/payments"');
    expect((await get('/payments', cookie)).status).toBe(200);
    laterBy(house, 60);
  });

  test('cannot use the secret that was offered to somebody else', async () => {
    const one = await house.somebody('one', ['treasurer']);
    const other = await house.somebody('other', ['treasurer']);
    const [first, second] = await Promise.all([one, other].map((who) => post('/sign-in', { ...login(who) })));
    const page = await get('/account/second-factor', cookieOf(first!));
    const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)![1]!.replaceAll(' ', '');
    const fields = { ...hiddenOf(page, '/account/second-factor'), code: codeOf(secret, house) };
    expect((await post('/account/second-factor', fields, cookieOf(second!))).status).toBe(422);
  });
});

const login = ({ email, password }: { email: string; password: string }) => ({ email, password });

/** A passkey's answer, as the browser gives it to the form. */
async function newPasskey(cookie: string): Promise<string> {
  const headers = { cookie, origin: house.url };
  const options = await callAt<CreationOptions>(house, 'POST', '/api/v1/passkeys/options', headers);
  return authenticator(house.url).create(options.body);
}

describe('privacy.md, point 10: accounts: signing in with a second factor', () => {
  test('asks for the number next, and shows nothing before it', async () => {
    const reviewer = await house.somebody('second', ['reviewer']);
    const factor = await setUpFactor(house, reviewer);
    const entered = await post('/sign-in', { ...login(reviewer), back: '/requests' });
    expect(placeOf(entered)).toEqual([303, '/second-factor?back=%2Frequests']);
    const cookie = cookieOf(entered);
    expect(placeOf(await get('/requests', cookie))).toEqual([303, '/second-factor?back=%2Frequests']);
    expect(placeOf(await get('/account', cookie))).toEqual([303, '/second-factor?back=%2Faccount']);
    // The lost telephone is not replaced by whoever knows the password alone.
    const offer = hiddenOf(await get('/account/second-factor', cookie), '/account/second-factor');
    const replaced = await post('/account/second-factor', { ...offer, code: '123456' }, cookie);
    expect([replaced.status, replaced.text.includes('stepUpCode')]).toEqual([403, true]);
    const page = await get('/second-factor?back=%2Frequests', cookie);
    const wrong = await post('/second-factor', { ...hiddenOf(page, '/second-factor'), code: '1' }, cookie);
    expect([wrong.status, wrong.text.includes('数字がちがうか')]).toEqual([422, true]);
    const fields = { ...hiddenOf(page, '/second-factor'), code: factor.code() };
    expect(placeOf(await post('/second-factor', fields, cookie))).toEqual([303, '/requests']);
    expect((await get('/requests', cookie)).status).toBe(200);
  });

  test('says when it may be tried again', async () => {
    const email = 'often@test.example';
    for (let time = 0; time < 10; time += 1) await post('/sign-in', { email, password: 'wrong' });
    const limited = await post('/sign-in', { email, password: 'wrong' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '900']);
    expect(limited.text).toContain('15分ほど待って');
    expect(limited.text).toContain(`value="${email}"`);
  });
});

describe('privacy.md, point 10: accounts: a form that was sent after its session had ended', () => {
  const typed = {
    alias: 'アリさん <b>"&',
    prefectureCode: '13',
    note: '一行目\n二行目',
    idempotencyKey: 'the-same-key',
  };

  test('is kept, sealed, and waits to be sent after signing in', async () => {
    const refused = await post('/requests/new/person', typed, 'sasae_session=ended');
    expect(refused.status).toBe(401);
    expect(refused.text).toContain('書いたものは残っています');
    expect(refused.text).not.toContain('アリさん');
    const hidden = hiddenOf(refused, '/sign-in');
    const wrong = await post('/sign-in', { ...hidden, email: world.partner.email, password: 'wrong' });
    expect(hiddenOf(wrong, '/sign-in')).toEqual(hidden);
    const entered = await post('/sign-in', { ...hidden, ...login(world.partner) });
    expect([entered.status, entered.text.includes('続きを送る')]).toEqual([200, true]);
    expect(hiddenOf(entered, '/requests/new/person')).toEqual(typed);
  });

  test('goes through the second check as well', async () => {
    const approver = await house.somebody('kept', ['approver']);
    const factor = await setUpFactor(house, approver);
    const refused = await post('/language', {}, '');
    expect(refused.status).toBe(303);
    const sent = await post('/account/password', { present: 'a', password: 'b' });
    const half = await post('/sign-in', { ...hiddenOf(sent, '/sign-in'), ...login(approver) });
    expect([half.status, half.text.includes('action="/second-factor"')]).toEqual([200, true]);
    const fields = { ...hiddenOf(half, '/second-factor'), code: factor.code() };
    const entered = await post('/second-factor', fields, cookieOf(half));
    expect(hiddenOf(entered, '/account/password')).toEqual({ present: 'a', password: 'b' });
  });

  test('goes through setting up a second factor, be it an app or a passkey', async () => {
    for (const way of ['app', 'passkey']) {
      const approver = await house.somebody('keeping', ['approver']);
      const sent = await post('/account/password', { present: 'a', password: 'b' });
      const half = await post('/sign-in', { ...hiddenOf(sent, '/sign-in'), ...login(approver) });
      expect([half.status, half.text.includes('2つ目の確認を登録してください')]).toEqual([200, true]);
      const cookie = cookieOf(half);
      const action = way === 'app' ? '/account/second-factor' : '/account/passkeys';
      const secret = /<code>([A-Z2-7 ]+)<\/code>/.exec(half.text)![1]!.replaceAll(' ', '');
      // A wrong one first: the form is still there.
      const wrong = await post(action, { ...hiddenOf(half, action), name: 'x', code: '1' }, cookie);
      expect(hiddenOf(wrong, action).kept).toBe(hiddenOf(half, action).kept);
      const proof: Record<string, string> =
        way === 'app' ? { code: codeOf(secret, house) } : { name: 'x', answer: await newPasskey(cookie) };
      const done = await post(action, { ...hiddenOf(wrong, action), ...proof }, cookie);
      expect([done.status, done.text.includes('予備コード')]).toEqual([200, true]);
      expect(hiddenOf(done, '/account/password')).toEqual({ present: 'a', password: 'b' });
      laterBy(house, 60);
    }
  });

  test('is kept when a second factor is missing since a role was given', async () => {
    const somebody = await house.somebody('promoted', ['caseworker'], world.organisation.id);
    const cookie = cookieOf(await post('/sign-in', login(somebody)));
    await house.sql(`UPDATE users SET roles = '{treasurer}' WHERE id = $1`, [somebody.user.id]);
    const refused = await post('/account/password', { present: 'a', password: 'b' }, cookie);
    expect([refused.status, refused.text.includes('書いたものは残っています')]).toEqual([403, true]);
    expect(hiddenOf(refused, '/account/second-factor').kept).toBeTruthy();
  });

  test('is kept for half an hour, and nothing that we did not seal is taken', async () => {
    const sent = hiddenOf(await post('/requests/new/person', typed), '/sign-in');
    laterBy(house, 31 * 60);
    expect(placeOf(await post('/sign-in', { ...sent, ...login(world.partner) }))).toEqual([303, '/']);
    const forged = { kept: Buffer.from('{}').toString('base64url'), ...login(world.partner) };
    expect(placeOf(await post('/sign-in', forged))).toEqual([303, '/']);
  });

  test('is not kept when another site sent it', async () => {
    const forged = await post('/requests/new/person', typed, '', { origin: 'https://evil.example' });
    expect([forged.status, forged.text.includes('name="kept"')]).toEqual([403, false]);
  });
});

const paid = async (awardId: string): Promise<number> => {
  const [row] = await house.sql<{ sum: number }>(
    'SELECT coalesce(sum(amount), 0)::bigint AS sum FROM disbursements WHERE award_id = $1',
    [awardId],
  );
  return Number(row!.sum);
};

describe('privacy.md, point 10: accounts: before a payment', () => {
  test('the number is asked for when it is old, and the form goes on as it was', async () => {
    const treasurer = await house.somebody('payer', ['treasurer']);
    const factor = await setUpFactor(house, treasurer);
    const fund = await world.fund('step-1', { shelter: 100_000 });
    const request = await world.approvedRequest(fund);
    const award = request.lines[0]!.awards[0]!;
    const entered = await post('/sign-in', login(treasurer));
    const cookie = cookieOf(entered);
    await post('/second-factor', { code: factor.code() }, cookie);
    laterBy(house, 11 * 60);
    const page = await get(`/payments/${award.id}`, cookie);
    expect(page.status).toBe(200);
    const path = `/payments/${award.id}`;
    const fields = { ...hiddenOf(page, path), amount: '32,500', paidOn: '2024-12-16', method: 'cash' };
    const asked = await post(path, fields, cookie);
    expect([asked.status, asked.text.includes('もう一度、本人か確かめます')]).toEqual([403, true]);
    expect(hiddenOf(asked, path)).toEqual(fields);
    const wrong = await post(path, { ...hiddenOf(asked, path), stepUpCode: 'nonsense' }, cookie);
    expect([wrong.status, hiddenOf(wrong, path)]).toEqual([401, fields]);
    expect(await paid(award.id)).toBe(0);
    const done = await post(path, { ...hiddenOf(wrong, path), stepUpCode: factor.code() }, cookie);
    expect(done.status).toBe(303);
    expect(await paid(award.id)).toBe(32_500);
  });
});

describe('privacy.md, point 10: accounts: the page of the own account', () => {
  test('shows sessions and keys, and ends them', async () => {
    const caseworker = await house.somebody('own', ['caseworker'], world.organisation.id);
    const cookie = cookieOf(await post('/sign-in', login(caseworker)));
    const another = cookieOf(await post('/sign-in', login(caseworker)));
    const page = await get('/account', cookie);
    expect(page.text).toContain('ログイン中の端末');
    const [, other] = /action="(\/account\/sessions\/[0-9a-f-]+\/end)"/.exec(page.text)!;
    expect(placeOf(await post(other!, {}, cookie))).toEqual([303, '/account?done=account.session']);
    expect(placeOf(await get('/account', another))).toEqual([303, '/sign-in?back=%2Faccount']);
    const made = await post('/account/api-keys', { name: '会計ソフト', scope: 'read' }, cookie);
    const [key] = /sasae_[\w-]{43}/.exec(made.text)!;
    const me = () => callAt(house, 'GET', '/api/v1/me', { authorization: `Bearer ${key}` });
    expect((await me()).status).toBe(200);
    const shown = await get('/account', cookie);
    expect(shown.text).toContain('会計ソフト');
    expect(shown.text).not.toContain(key);
    const [, end] = /action="(\/account\/api-keys\/[0-9a-f-]+\/end)"/.exec(shown.text)!;
    await post(end!, {}, cookie);
    expect((await me()).status).toBe(401);
  });

  test('changes the password of who knows the present one, and signs the others out', async () => {
    const lead = await house.somebody('changing', ['lead'], world.organisation.id);
    const cookie = cookieOf(await post('/sign-in', login(lead)));
    const another = cookieOf(await post('/sign-in', login(lead)));
    const change = (present: string, password: string) =>
      post('/account/password', { present, password }, cookie);
    expect((await change('wrong', 'spring rain on the roof')).text).toContain('今のパスワードがちがいます');
    expect((await change(lead.password, 'password2024')).text).toContain('すぐに当てられる');
    expect((await change(lead.password, 'short')).status).toBe(422);
    const done = await change(lead.password, 'spring rain on the roof');
    expect(placeOf(done)).toEqual([303, '/account?done=account.password']);
    expect((await get('/account', cookie)).status).toBe(200);
    expect((await get('/account', another)).status).toBe(303);
  });
});
