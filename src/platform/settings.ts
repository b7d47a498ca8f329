import { resolve } from 'node:path';
import { plainToInstance, Transform } from 'class-transformer';
import {
  IsEmail,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUrl,
  Max,
  Min,
  validateSync,
  Matches,
} from 'class-validator';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const url = (protocols: string[]) =>
  IsUrl(
    { protocols, require_protocol: true, require_tld: false, require_valid_protocol: true },
    { message: `must be a URL beginning with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}` },
  );
const knownTimeZone = ({ value }: { value: unknown }): unknown => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: String(value) }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
};

/** Everything that the environment may set (README, "Settings"). No secret has a default. */
export class Settings {
  @IsString()
  HOST = '127.0.0.1';

  @Transform(({ value }) => Number(value))
  @IsInt({ message: 'must be a whole number' })
  @Min(0, { message: 'must be a port from 0 to 65535' })
  @Max(65535, { message: 'must be a port from 0 to 65535' })
  PORT = 3000;

  @IsOptional()
  @url(['http', 'https'])
  PUBLIC_URL?: string;

  @IsString()
  DATA_DIR = '.data';

  @IsOptional()
  @url(['postgres', 'postgresql'])
  DATABASE_URL?: string;

  @IsOptional()
  @url(['postgres', 'postgresql'])
  DATABASE_OWNER_URL?: string;

  @IsOptional()
  @url(['redis', 'rediss'])
  REDIS_URL?: string;

  @IsOptional()
  @url(['smtp', 'smtps'])
  SMTP_URL?: string;

  @IsOptional()
  @IsEmail({}, { message: 'must be an e-mail address' })
  MAIL_FROM?: string;

  @IsOptional()
  @IsString()
  KEYRING?: string;

  @IsOptional()
  @Matches(/^file:\/\/\//, { message: 'must be a folder written as file:///path' })
  FILES_URL?: string;

  @IsOptional()
  @IsEmail({}, { message: 'must be an e-mail address' })
  ADMIN_EMAIL?: string;

  @Transform(knownTimeZone)
  @IsString({ message: 'must be a time zone such as Asia/Tokyo' })
  TIMEZONE = 'Asia/Tokyo';

  @IsIn(LOG_LEVELS, { message: `must be one of ${LOG_LEVELS.join(', ')}` })
  LOG_LEVEL = 'info';

  /** How often one user may ask, a second; one address may four times as often. */
  @Transform(({ value }) => Number(value))
  @IsInt({ message: 'must be a whole number' })
  @Min(1, { message: 'must be 1 or more' })
  @Max(100_000, { message: 'must be 100000 or less' })
  RATE_LIMIT = 200;

  /** The folder of this installation's own data, absolute. */
  get dataDir(): string {
    return resolve(this.DATA_DIR);
  }

  get keyringPath(): string {
    return this.KEYRING ? resolve(this.KEYRING) : resolve(this.dataDir, 'keyring.json');
  }

  get filesDir(): string {
    return this.FILES_URL
      ? decodeURIComponent(new URL(this.FILES_URL).pathname)
      : resolve(this.dataDir, 'files');
  }

  /** Where people reach the application; links and the Origin check are built on it. */
  get publicUrl(): string {
    return (this.PUBLIC_URL ?? `http://${this.HOST}:${this.PORT}`).replace(/\/$/, '');
  }

  get isHttps(): boolean {
    return this.publicUrl.startsWith('https://');
  }
}

const KEYS = [
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'DATA_DIR',
  'DATABASE_URL',
  'DATABASE_OWNER_URL',
  'REDIS_URL',
  'SMTP_URL',
  'MAIL_FROM',
  'KEYRING',
  'FILES_URL',
  'ADMIN_EMAIL',
  'TIMEZONE',
  'LOG_LEVEL',
  'RATE_LIMIT',
] as const satisfies readonly (keyof Settings)[];

/** The settings are wrong: `message` names each fault in one line. */
export class SettingsError extends Error {}

/**
 * Reads the settings from an environment; an empty value counts as absent.
 * @throws SettingsError with one line for every fault. Values are not repeated: they may be secrets.
 */
export function readSettings(environment: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    KEYS.filter((key) => environment[key]?.trim()).map((key) => [key, environment[key]!.trim()]),
  );
  const settings = plainToInstance(Settings, given, { exposeDefaultValues: true });
  const faults = validateSync(settings).map(
    ({ property, constraints }) => `${property} ${Object.values(constraints ?? {})[0]}`,
  );
  if (settings.DATABASE_URL && !settings.KEYRING) {
    faults.push('KEYRING must name the key file when DATABASE_URL is set: keys live outside the database');
  }
  if (settings.DATABASE_OWNER_URL && !settings.DATABASE_URL) {
    faults.push('DATABASE_OWNER_URL needs DATABASE_URL beside it');
  }
  if (faults.length > 0) throw new SettingsError(faults.join('\n'));
  return settings;
}
