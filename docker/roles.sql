-- Run once, by the postgres image when its volume is empty: the schema's owner, who migrates, and the application's
-- role, which owns nothing, so that row-level security binds it.
\set ON_ERROR_STOP on
\getenv owner_password OWNER_PASSWORD
\getenv app_password APP_PASSWORD

CREATE ROLE sasae_owner LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB
  PASSWORD :'owner_password';
CREATE ROLE sasae_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB
  PASSWORD :'app_password';

CREATE DATABASE sasae OWNER sasae_owner;
\connect sasae
ALTER SCHEMA public OWNER TO sasae_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO sasae_app;
