import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Actor } from '../kernel/actor.js';
import { dayOf } from '../kernel/calendar.js';
import { Clock } from '../platform/clock.js';
import { Runtime } from '../platform/runtime.js';
import { readerLanguage } from '../web/language.js';
import type { View } from '../web/view.js';
import { hasWords, translator } from '../web/words.js';
import { may, type Action } from './permissions.js';
import { actorOf } from './user.entity.js';

/** A place in the navigation: who may go there, and how much waits there for this actor. */
export interface Place {
  href: string;
  /** Its words, such as `grants:place`. */
  label: string;
  action: Action;
  /** Small numbers stand first. */
  order: number;
  waiting?: (actor: Actor) => Promise<number>;
}

/** Something that may be wrong: whom it concerns, and whether it is so now. */
export interface Alarm {
  href: string;
  /** Its words, such as `ledger:alarm`. */
  words: string;
  action: Action;
  rings: (actor: Actor) => Promise<boolean>;
}

/** What each page is told about its reader. Rooms hand in their places when the application starts. */
@Injectable()
export class Views {
  private readonly places: Place[] = [];
  private readonly alarms: Alarm[] = [];
  private organisationName: (actor: Actor) => Promise<string | null> = () => Promise.resolve(null);

  constructor(
    private readonly clock: Clock,
    private readonly runtime: Runtime,
  ) {}

  /** Adds a place to everybody's navigation whom the table of permissions lets in. */
  addPlace(place: Place): void {
    this.places.push(place);
    this.places.sort((one, other) => one.order - other.order);
  }

  /** Adds an alarm, said on every page of those whom the table of permissions lets see what is wrong. */
  addAlarm(alarm: Alarm): void {
    this.alarms.push(alarm);
  }

  /** Tells how the organisation of an actor is called; partners see it in the header. */
  nameOrganisationsBy(find: (actor: Actor) => Promise<string | null>): void {
    this.organisationName = find;
  }

  /** The view for this request. `?done=grants.approved` becomes the notice `grants:done.approved`. */
  async of(request: FastifyRequest): Promise<View> {
    const language = readerLanguage(request);
    const t = translator(language);
    const now = this.clock.now();
    const { user, nonce, url: path } = request;
    const done = /[?&]done=([a-z]+)\.([a-zA-Z]+)/.exec(path);
    const notice = done ? `${done[1]}:done.${done[2]}` : '';
    const view: View = {
      language,
      t,
      now,
      today: dayOf(now, this.runtime.settings.TIMEZONE),
      path,
      user: null,
      navigation: [],
      nonce,
      notice: notice && hasWords(notice, language) ? t(notice) : undefined,
    };
    if (!user) return view;
    const actor = actorOf(user);
    const roles = user.roles.map((role) => t(`common:roles.${role}`)).join(t('common:part.dot'));
    const open = this.places.filter(({ action }) => may(actor, action));
    return {
      ...view,
      alarms: await this.ringing(actor, t),
      user: { label: (await this.organisationName(actor)) ?? roles, name: user.name },
      navigation: await Promise.all(
        open.map(async ({ href, label, waiting }) => ({
          href,
          label: t(label),
          count: await waiting?.(actor),
        })),
      ),
    };
  }

  private async ringing(actor: Actor, t: View['t']): Promise<View['alarms']> {
    const concerning = this.alarms.filter(({ action }) => may(actor, action));
    const ringing = await Promise.all(concerning.map(({ rings }) => rings(actor)));
    return concerning
      .filter((_, index) => ringing[index])
      .map(({ words, href }) => ({ text: t(words), href }));
  }
}
