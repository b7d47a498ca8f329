import { describe, expect, test } from '@jest/globals';
import { deviceOf } from '../../src/access/device.js';
import { checkPassword } from '../../src/access/passwords.js';
import { DomainError } from '../../src/kernel/errors.js';

const OWNER = { email: 'hana.suzuki@example.jp', name: 'Hana 鈴木' };

const verdictOn = (password: string): string => {
  try {
    checkPassword(password, OWNER);
    return 'good';
  } catch (error) {
    return (error as DomainError).fields[0]!.code;
  }
};

describe('a password', () => {
  test.each([
    ['Password123456!', 'passwordCommon'],
    ['ｐａｓｓｗｏｒｄ１２３４', 'passwordCommon'],
    ['1q2w3e4r5t6y', 'passwordCommon'],
    ['222222222222222', 'passwordCommon'],
    ['abcabcabcabcab', 'passwordCommon'],
    ['abcdefghijklmn', 'passwordCommon'],
    ['98765432109876', 'passwordCommon'],
    ['hana.suzuki-2026', 'passwordOwn'],
    ['I am HANA, and well', 'passwordOwn'],
    ['春の雨が屋根をたたく音', 'good'],
    ['correct horse battery staple', 'good'],
    ['tr0ub4dor&3-umbrella', 'good'],
  ])('%s is %s', (password, verdict) => {
    expect(verdictOn(password)).toBe(verdict);
  });
});

test.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1', 'Safari · iPhone'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36 Edg/126.0', 'Edge · Windows'],
  ['Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36', 'Chrome · Android'],
  ['curl/8.5.0', null],
  [undefined, null],
])('a browser that says %s is told as %s', (agent, told) => {
  expect(deviceOf(agent)).toBe(told);
});
