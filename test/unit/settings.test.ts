import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readSettings, SettingsError } from '../../src/platform/settings.js';

/** The lines in which wrong settings are named. */
function faultsOf(environment: Record<string, string | undefined>): string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError);
    return (error as SettingsError).message.split('\n');
  }
}

describe('settings', () => {
  test('have a default for all that is no secret', () => {
    const settings = readSettings({});
    expect(settings).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      DATA_DIR: '.data',
      TIMEZONE: 'Asia/Tokyo',
      LOG_LEVEL: 'info',
      dataDir: resolve('.data'),
      keyringPath: resolve('.data/keyring.json'),
      filesDir: resolve('.data/files'),
      publicUrl: 'http://127.0.0.1:3000',
      isHttps: false,
    });
    for (const name of [
      'DATABASE_URL',
      'DATABASE_OWNER_URL',
      'REDIS_URL',
      'KEYRING',
      'ADMIN_EMAIL',
    ] as const) {
      expect([name, settings[name]]).toEqual([name, undefined]);
    }
  });

  test('are taken as they are written, but for white space around them', () => {
    const settings = readSettings({
      HOST: ' 0.0.0.0 ',
      PORT: '8080',
      PUBLIC_URL: 'https://sasae.example/',
      DATA_DIR: '/var/lib/sasae',
      DATABASE_URL: 'postgres://app:secret@db/sasae',
      DATABASE_OWNER_URL: 'postgresql://owner:secret@db:5432/sasae',
      REDIS_URL: 'rediss://:secret@redis:6379/1',
      KEYRING: '/etc/sasae/keyring.json',
      FILES_URL: 'file:///var/lib/sasae%20files',
      ADMIN_EMAIL: 'admin@sasae.example',
      TIMEZONE: 'UTC',
      LOG_LEVEL: 'warn',
    });
    expect(settings).toMatchObject({
      HOST: '0.0.0.0',
      PORT: 8080,
      publicUrl: 'https://sasae.example',
      isHttps: true,
      dataDir: '/var/lib/sasae',
      keyringPath: '/etc/sasae/keyring.json',
      filesDir: '/var/lib/sasae files',
      TIMEZONE: 'UTC',
      LOG_LEVEL: 'warn',
    });
  });

  test('that are empty count as absent, and others of the environment are left alone', () => {
    expect(readSettings({ PORT: '', DATABASE_URL: '  ', PATH: '/bin', dataDir: 'x' })).toMatchObject({
      PORT: 3000,
      dataDir: resolve('.data'),
    });
  });

  test.each([
    ['PORT', 'eighty', 'PORT must be a port from 0 to 65535'],
    ['PORT', '80.5', 'PORT must be a whole number'],
    ['PORT', '70000', 'PORT must be a port from 0 to 65535'],
    ['PORT', '-1', 'PORT must be a port from 0 to 65535'],
    ['PUBLIC_URL', 'sasae.example', 'PUBLIC_URL must be a URL beginning with http:// or https://'],
    ['PUBLIC_URL', 'ftp://sasae.example', 'PUBLIC_URL must be a URL beginning with http:// or https://'],
    ['REDIS_URL', 'http://redis', 'REDIS_URL must be a URL beginning with redis:// or rediss://'],
    ['FILES_URL', '/var/files', 'FILES_URL must be a folder written as file:///path'],
    ['FILES_URL', 's3://bucket', 'FILES_URL must be a folder written as file:///path'],
    ['ADMIN_EMAIL', 'admin', 'ADMIN_EMAIL must be an e-mail address'],
    ['TIMEZONE', 'Tokyo', 'TIMEZONE must be a time zone such as Asia/Tokyo'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent'],
  ])('%s=%s is named in one line that says what is right', (name, value, line) => {
    expect(faultsOf({ [name]: value })).toEqual([line]);
  });

  test.each(['DATABASE_URL', 'DATABASE_OWNER_URL'])('%s is an address of PostgreSQL', (name) => {
    const rest = { DATABASE_URL: 'postgres://app@db/sasae', KEYRING: '/keyring.json' };
    expect(faultsOf({ ...rest, [name]: 'mysql://app@db/sasae' })).toEqual([
      `${name} must be a URL beginning with postgres:// or postgresql://`,
    ]);
  });

  test('a database of one’s own needs a key file of one’s own: keys live outside the database', () => {
    expect(faultsOf({ DATABASE_URL: 'postgres://app@db/sasae' })).toEqual([
      expect.stringMatching(/^KEYRING must name the key file/),
    ]);
  });

  test('the owner’s address is of no use without the application’s', () => {
    expect(faultsOf({ DATABASE_OWNER_URL: 'postgres://owner@db/sasae' })).toEqual([
      'DATABASE_OWNER_URL needs DATABASE_URL beside it',
    ]);
  });

  test('are all named at once, each in one line, and no value is repeated: it may be a secret', () => {
    const wrong = {
      PORT: 'hunter2',
      PUBLIC_URL: 'hunter2',
      DATABASE_URL: 'hunter2',
      DATABASE_OWNER_URL: 'hunter2',
      REDIS_URL: 'hunter2',
      FILES_URL: 'hunter2',
      ADMIN_EMAIL: 'hunter2',
      TIMEZONE: 'hunter2',
      LOG_LEVEL: 'hunter2',
    };
    const lines = faultsOf(wrong);
    const named = lines.map((line) => line.split(' ')[0]);
    expect(named.sort()).toEqual([...Object.keys(wrong), 'KEYRING'].sort());
    expect(lines.join('\n')).not.toContain('hunter2');
  });
});
