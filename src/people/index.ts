export { HouseholdsService } from './households.service.js';
export { NewPerson, PersonListed } from './people.dto.js';
export { Matcher } from './matcher.js';
export { PeopleModule } from './people.module.js';
export { PeopleQueries } from './people.queries.js';
export { PeopleService } from './people.service.js';
export { PersonIndex } from './person-index.js';
export { SimilarCard } from './similar-card.js';
export { SimilarQueries, type SimilarCount } from './similar.queries.js';
