import type { FastifyRequest } from 'fastify';
import { dayOf } from '../kernel/calendar.js';
import type { FieldError } from './fields.js';
import { Page, renderPage } from './page.js';
import { ButtonLink, Card } from './parts.js';
import { translator, type Language } from './words.js';

interface Problem {
  title: string;
  detail: string;
  errors?: FieldError[];
}

/** The page that says what went wrong and what to do; it needs no database, so that it works when nothing does. */
export function renderProblemPage(request: FastifyRequest, language: Language, problem: Problem): string {
  const t = translator(language);
  const now = new Date();
  const { nonce } = request;
  // What was posted cannot be opened again by its address.
  const path = request.method === 'GET' ? request.url : '/';
  const view = { language, t, now, today: dayOf(now), path, user: null, navigation: [], nonce };
  return renderPage(
    <Page view={view} title={problem.title} narrow>
      <Card>
        <p>{problem.detail}</p>
        {problem.errors && (
          <ul>
            {problem.errors.map(({ path: place, message }) => (
              <li key={place}>{message}</li>
            ))}
          </ul>
        )}
        <ButtonLink href="/">{t('common:page.home')}</ButtonLink>
      </Card>
    </Page>,
  );
}
