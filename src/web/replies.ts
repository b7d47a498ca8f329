import type { FastifyReply } from 'fastify';

/** Sends a rendered page; 422 when it shows a form back. */
export const send = (reply: FastifyReply, html: string, status = 200): void => {
  void reply.status(status).type('text/html; charset=utf-8').send(html);
};

/** After a POST: on to a page that can be reloaded without doing it again. */
export const redirect = (reply: FastifyReply, path: string): void => {
  void reply.status(303).header('location', path).send();
};
