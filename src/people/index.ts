export { Household } from './household.entity.js';
export { NewPerson, PersonListed, PersonView } from './people.dto.js';
export { PeopleModule } from './people.module.js';
export { PeopleQueries } from './people.queries.js';
export { PeopleService } from './people.service.js';
export { Person } from './person.entity.js';
