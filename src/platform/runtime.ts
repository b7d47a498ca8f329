import type { Settings } from './settings.js';

/** What this process runs on: the settings, and the addresses that were found or started for it. */
export class Runtime {
  constructor(
    readonly settings: Settings,
    readonly databaseUrl: string,
    /** The demo alone asks for no second factor: its users are invented, and so is what they could do. */
    readonly isDemo = false,
  ) {}

  get redisUrl(): string | undefined {
    return this.settings.REDIS_URL;
  }
}
