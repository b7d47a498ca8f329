import { Global, Module, type BeforeApplicationShutdown, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from './clock.js';
import { databaseOptions } from './database.js';
import { Db } from './db.js';
import { Keyring, Vault } from './encryption.js';
import { FileSweep } from './file-sweep.js';
import { FileStore, FolderStore } from './files.js';
import { HealthController } from './health.controller.js';
import { Jobs } from './jobs.js';
import { KeyRotation } from './key-rotation.js';
import { LiveProcesses } from './live-processes.js';
import { Mail } from './mail.js';
import { Runtime } from './runtime.js';
import { Uploads } from './upload.js';

/** The doors to the outside, open to every room. */
@Global()
@Module({ controllers: [HealthController] })
export class PlatformModule implements BeforeApplicationShutdown {
  constructor(
    private readonly jobs: Jobs,
    private readonly live: LiveProcesses,
  ) {}

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
      providers: [...given, Db, Vault, Jobs, LiveProcesses, KeyRotation, FileSweep, Uploads, Mail],
      exports: [...given, Db, Vault, Jobs, KeyRotation, FileSweep, Uploads, Mail],
    };
  }

  /** Before the database goes, so that the jobs which are running can end. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.jobs.stop();
    await this.live.stop();
  }
}
