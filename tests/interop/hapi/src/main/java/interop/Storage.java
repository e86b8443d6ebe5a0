package interop;

import ca.uhn.fhir.batch2.jobs.config.Batch2JobsConfig;
import ca.uhn.fhir.batch2.maintenance.JobMaintenanceServiceImpl;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.jpa.api.IDaoRegistry;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.config.ThreadPoolFactoryConfig;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.batch2.JpaBatch2Config;
import ca.uhn.fhir.jpa.binstore.DatabaseBinaryContentStorageSvcImpl;
import ca.uhn.fhir.jpa.config.HibernatePropertiesProvider;
import ca.uhn.fhir.jpa.config.r4.JpaR4Config;
import ca.uhn.fhir.jpa.config.util.HapiEntityManagerFactoryUtil;
import ca.uhn.fhir.jpa.config.util.ResourceCountCacheUtil;
import ca.uhn.fhir.jpa.dao.FulltextSearchSvcImpl;
import ca.uhn.fhir.jpa.dao.IFulltextSearchSvc;
import ca.uhn.fhir.jpa.dao.search.HSearchSortHelperImpl;
import ca.uhn.fhir.jpa.dao.search.IHSearchSortHelper;
import ca.uhn.fhir.jpa.model.config.PartitionSettings;
import ca.uhn.fhir.jpa.model.config.SubscriptionSettings;
import ca.uhn.fhir.jpa.model.dialect.HapiFhirH2Dialect;
import ca.uhn.fhir.jpa.model.entity.StorageSettings;
import ca.uhn.fhir.jpa.provider.DaoRegistryResourceSupportedSvc;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.jpa.search.IStaleSearchDeletingSvc;
import ca.uhn.fhir.jpa.search.StaleSearchDeletingSvcImpl;
import ca.uhn.fhir.jpa.subscription.channel.config.SubscriptionChannelConfig;
import ca.uhn.fhir.jpa.util.ResourceCountCache;
import ca.uhn.fhir.rest.api.IResourceSupportedSvc;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import jakarta.persistence.EntityManagerFactory;
import java.util.Properties;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;

/**
 * What HAPI keeps its data in, and with which settings. They are those of HAPI's own starter project,
 * so that what is tested is the server as people run it, but for two. Answers to searches are not
 * used again, since one wrong answer would then show in the tests that follow, depending on their
 * order; the system property interop.reuse brings that back, in milliseconds. And its jobs go on
 * every two seconds, not every minute (interop.jobs, in milliseconds), since an export goes through
 * several steps and a run makes many. With interop.versions it keeps the version in a reference to
 * a version (Provenance.target), which it would strip.
 */
@Configuration
@Import({
  JpaR4Config.class,
  JpaBatch2Config.class,
  Batch2JobsConfig.class,
  SubscriptionChannelConfig.class,
  ThreadPoolFactoryConfig.class
})
public class Storage {

  @Bean
  public JpaStorageSettings storageSettings() {
    JpaStorageSettings settings = new JpaStorageSettings();
    settings.setAllowContainsSearches(true);
    settings.setFilterParameterEnabled(true);
    settings.setExpungeEnabled(true);
    settings.setResourceClientIdStrategy(JpaStorageSettings.ClientIdStrategyEnum.ALPHANUMERIC);
    settings.setFetchSizeDefaultMaximum(Integer.MAX_VALUE);
    settings.setIndexMissingFields(
        Boolean.getBoolean("interop.missing")
            ? StorageSettings.IndexEnabledEnum.ENABLED
            : StorageSettings.IndexEnabledEnum.DISABLED);
    long reuse = Long.getLong("interop.reuse", 0);
    settings.setReuseCachedSearchResultsForMillis(reuse > 0 ? reuse : null);
    return settings;
  }

  @Bean
  public static BeanPostProcessor jobsWithoutLongWaits() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessBeforeInitialization(Object bean, String name) {
        if (bean instanceof JobMaintenanceServiceImpl jobs) {
          jobs.setScheduledJobFrequencyMillis(Long.getLong("interop.jobs", 2000));
        }
        if (bean instanceof FhirContext fhir && Boolean.getBoolean("interop.versions")) {
          fhir.getParserOptions().setStripVersionsFromReferences(false);
        }
        return bean;
      }
    };
  }

  @Bean
  public DataSource dataSource() {
    JdbcConnectionPool pool =
        JdbcConnectionPool.create("jdbc:h2:mem:interop;DB_CLOSE_DELAY=-1", "sa", "");
    pool.setMaxConnections(30);
    return pool;
  }

  @Primary
  @Bean
  public LocalContainerEntityManagerFactoryBean entityManagerFactory(
      ConfigurableListableBeanFactory beans,
      FhirContext fhir,
      JpaStorageSettings settings,
      DataSource source) {
    LocalContainerEntityManagerFactoryBean factory =
        HapiEntityManagerFactoryUtil.newEntityManagerFactory(beans, fhir, settings);
    Properties properties = new Properties();
    properties.put("hibernate.dialect", HapiFhirH2Dialect.class.getName());
    properties.put("hibernate.hbm2ddl.auto", "update");
    properties.put("hibernate.jdbc.batch_size", "20");
    properties.put("hibernate.search.enabled", "false");
    factory.setPersistenceUnitName("interop");
    factory.setDataSource(source);
    factory.setJpaProperties(properties);
    return factory;
  }

  @Primary
  @Bean
  public HibernatePropertiesProvider hibernateProperties(LocalContainerEntityManagerFactoryBean factory) {
    return new HibernatePropertiesProvider() {
      @Override
      public DataSource getDataSource() {
        return factory.getDataSource();
      }
    };
  }

  @Primary
  @Bean
  public JpaTransactionManager transactionManager(EntityManagerFactory factory) {
    return new JpaTransactionManager(factory);
  }

  @Bean
  public DatabaseBackedPagingProvider pagingProvider() {
    DatabaseBackedPagingProvider pages = new DatabaseBackedPagingProvider();
    pages.setDefaultPageSize(20);
    pages.setMaximumPageSize(Integer.MAX_VALUE);
    return pages;
  }

  @Bean
  public IResourceSupportedSvc resourceSupported(IDaoRegistry registry) {
    return new DaoRegistryResourceSupportedSvc(registry);
  }

  @Bean(name = "myResourceCountsCache")
  public ResourceCountCache resourceCounts(IFhirSystemDao<?, ?> system) {
    return ResourceCountCacheUtil.newResourceCountCache(system);
  }

  @Bean
  public IStaleSearchDeletingSvc staleSearches() {
    return new StaleSearchDeletingSvcImpl();
  }

  @Bean
  public IFulltextSearchSvc fulltext() {
    return new FulltextSearchSvcImpl();
  }

  @Bean
  public IHSearchSortHelper fulltextSort(ISearchParamRegistry parameters) {
    return new HSearchSortHelperImpl(parameters);
  }

  @Bean
  public PartitionSettings partitions() {
    return new PartitionSettings();
  }

  @Bean
  public SubscriptionSettings subscriptions() {
    return new SubscriptionSettings();
  }

  @Bean
  public DatabaseBinaryContentStorageSvcImpl binaries() {
    return new DatabaseBinaryContentStorageSvcImpl();
  }
}
