package interop;

import ca.uhn.fhir.batch2.jobs.export.BulkDataExportProvider;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.ResponseHighlighterInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/** Serves HAPI's JPA server on 127.0.0.1 at the port that is the only argument (0: any that is free). */
public final class Server {

  public static void main(String[] arguments) throws Exception {
    AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    context.setAllowBeanDefinitionOverriding(true);
    context.register(Storage.class);
    context.refresh();

    org.eclipse.jetty.server.Server jetty = new org.eclipse.jetty.server.Server();
    HttpConfiguration http = new HttpConfiguration();
    http.setUriCompliance(UriCompliance.LEGACY);
    ServerConnector connector = new ServerConnector(jetty, new HttpConnectionFactory(http));
    connector.setHost("127.0.0.1");
    connector.setPort(Integer.parseInt(arguments[0]));
    jetty.addConnector(connector);
    ServletContextHandler paths = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(fhir(context));
    holder.setInitOrder(1);
    paths.addServlet(holder, "/fhir/*");
    jetty.setHandler(paths);
    jetty.start();
    System.out.println("READY http://127.0.0.1:" + connector.getLocalPort() + "/fhir");
    jetty.join();
  }

  private static RestfulServer fhir(AnnotationConfigApplicationContext context) {
    IFhirSystemDao<?, ?> system = context.getBean(IFhirSystemDao.class);
    RestfulServer server = new RestfulServer(system.getContext());
    server.registerProviders(context.getBean(ResourceProviderFactory.class).createProviders());
    server.registerProvider(context.getBean(IJpaSystemProvider.class));
    server.registerProvider(context.getBean(BulkDataExportProvider.class));
    server.setPagingProvider(context.getBean(DatabaseBackedPagingProvider.class));
    server.registerInterceptor(new ResponseHighlighterInterceptor());
    server.setDefaultResponseEncoding(EncodingEnum.JSON);
    server.setDefaultPrettyPrint(true);
    JpaCapabilityStatementProvider capabilities =
        new JpaCapabilityStatementProvider(
            server,
            system,
            context.getBean(JpaStorageSettings.class),
            context.getBean(ISearchParamRegistry.class),
            context.getBean("myJpaValidationSupportChain", IValidationSupport.class));
    capabilities.setImplementationDescription("HAPI FHIR R4, as the conformance harness starts it");
    server.setServerConformanceProvider(capabilities);
    context.getAutowireCapableBeanFactory().autowireBean(server);
    return server;
  }

  private Server() {}
}
