import { Global, Module, type BeforeApplicationShutdown, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from './clock.js';
import { databaseOptions } from './database.js';
import { Db } from './db.js';
import { Keyring, Vault } from './encryption.js';
import { FileStore, FolderStore } from './files.js';
import { HealthController } from './health.controller.js';
import { Jobs } from './jobs.js';
import { Mail } from './mail.js';
import { Runtime } from './runtime.js';

/** The doors to the outside, open to every room. */
@Global()
@Module({ controllers: [HealthController] })
export class PlatformModule implements BeforeApplicationShutdown {
  constructor(private readonly jobs: Jobs) {}

  static with(runtime: Runtime, keyring: Keyring, clock: Clock): DynamicModule {
    const given = [
      { provide: Runtime, useValue: runtime },
      { provide: Keyring, useValue: keyring },
      { provide: Clock, useValue: clock },
      { provide: FileStore, useValue: new FolderStore(runtime.settings.filesDir) },
    ];
    return {
      module: PlatformModule,
      imports: [TypeOrmModule.forRoot({ ...databaseOptions(runtime.databaseUrl), autoLoadEntities: true })],
      providers: [...given, Db, Vault, Jobs, Mail],
      exports: [...given, Db, Vault, Jobs, Mail],
    };
  }

  /** Before the database goes, so that the jobs which are running can end. */
  beforeApplicationShutdown(): Promise<void> {
    return this.jobs.stop();
  }
}
